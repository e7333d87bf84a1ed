//! The releases that containers of this host run, on its disk: a container starts without ZooKeeper.
//!
//! Each app has a folder. Its `index` says which releases are there, and how the last rollout stood;
//! a release's content is a file of its own, called by the address of its manifest. A content is on
//! disk before an index names it, and removed after no index does. Everything read is compared with
//! a hash, so that what a crash or a disk has spoiled counts as missing.

mod content;
mod error;
mod index;
mod space;

pub use self::error::CacheError;
pub(super) use self::index::{Incarnation, Index};

use crate::bundle::Bundle;
use crate::durable;
use dockeeper_model::config::{AppName, Digest};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The name of the folder of all apps: there may be other things beside it.
const ROOT_NAME: &str = "apps";

/// The name of the file that says what there is. No address is called like this.
const INDEX_NAME: &str = "index";

/// The releases that containers of this host run, on its disk. A cheap handle.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

// === impl Cache ===

impl Cache {
    /// The cache in a folder, which is made when there is something to be kept. One process uses it
    /// at a time.
    pub fn new(folder: &Path) -> Self {
        Self {
            root: folder.join(ROOT_NAME),
        }
    }

    /// What is kept of an app.
    pub(super) fn index(&self, app: &AppName) -> Option<Index> {
        let path = self.folder(app).join(INDEX_NAME);
        let bytes = read(&path, index::LEN_MAX)?;
        let index = Index::decode(&bytes);
        if index.is_none() {
            discard(&path);
        }
        index
    }

    /// A content that is kept; `None` where it is not, or is spoiled.
    pub(super) fn bundle(&self, app: &AppName, manifest: &Digest) -> Option<Bundle> {
        let path = self.content_path(app, manifest);
        let bytes = read(&path, content::LEN_MAX)?;
        let bundle = content::decode(manifest, bytes);
        if bundle.is_none() {
            discard(&path);
        }
        bundle
    }

    /// Whether anything is kept of an app.
    pub(super) fn has(&self, app: &AppName) -> bool {
        self.folder(app).join(INDEX_NAME).exists()
    }

    /// Keeps a content, if it is not there yet, and sound. It stays when an index names it.
    pub(super) fn add(
        &self,
        app: &AppName,
        manifest: &Digest,
        bundle: &Bundle,
    ) -> Result<(), CacheError> {
        let path = self.content_path(app, manifest);
        let Some(bytes) = content::encode(manifest, bundle) else {
            return Err(CacheError::NotItself(*manifest));
        };
        if read(&path, content::LEN_MAX).is_some_and(|there| there == bytes) {
            return Ok(());
        }
        space::make_room(&self.root, app, bytes.len() as u64)?;
        self.write(app, &path, &bytes)
    }

    /// Says what is kept of an app from now on.
    pub(super) fn set_index(&self, app: &AppName, index: &Index) -> Result<(), CacheError> {
        let path = self.folder(app).join(INDEX_NAME);
        self.write(app, &path, &index.encode())
    }

    /// Removes what an app's index does not name.
    pub(super) fn clean(&self, app: &AppName, index: &Index) -> Result<(), CacheError> {
        let named = index.releases.values().map(Digest::to_string);
        let mut named: BTreeSet<_> = named.collect();
        named.insert(INDEX_NAME.to_owned());
        let folder = self.folder(app);
        let failed = |error| CacheError::Io {
            action: "clean up",
            path: folder.clone(),
            error,
        };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if name.to_str().is_none_or(|name| !named.contains(name)) {
                fs::remove_file(entry.path()).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn write(&self, app: &AppName, path: &Path, bytes: &[u8]) -> Result<(), CacheError> {
        let written =
            durable::make_folder(&self.folder(app)).and_then(|()| durable::write(path, bytes));
        written.map_err(|error| CacheError::Io {
            action: "write",
            path: path.to_owned(),
            error,
        })
    }

    fn folder(&self, app: &AppName) -> PathBuf {
        self.root.join(app.as_str())
    }

    fn content_path(&self, app: &AppName, manifest: &Digest) -> PathBuf {
        self.folder(app).join(manifest.to_string())
    }
}

/// Reads a file that is no longer than it may be.
fn read(path: &Path, len_max: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(len_max + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            let path = path.display();
            tracing::warn!(%path, %error, "cannot read what is kept of a configuration");
            None
        }
    }
}

/// Removes what is spoiled: it is kept anew as soon as ZooKeeper has told it.
fn discard(path: &Path) {
    let removed = fs::remove_file(path);
    let path = path.display();
    tracing::warn!(%path, ?removed, "what was kept of a configuration is damaged: not used");
}

#[cfg(test)]
mod tests;
