//! A run directory for a test, without a trace when it is over.

use dockeeper_config::host::volume::{File, Mount, Remap, Root, Staged, VolumeName};
use dockeeper_model::config::{Digest, FilePath};
use std::path::Path;

pub(crate) struct Place {
    folder: tempfile::TempDir,
    pub(crate) root: Root,
}

// === impl Place ===

impl Place {
    pub(crate) fn new(remap: Remap) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path(), remap).unwrap();
        Self { folder, root }
    }

    /// A folder beside the volumes, on the same file system.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn mount(&self, id: &str) -> Mount {
        self.root.create(&web(), &id.parse().unwrap()).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for (volume, id) in self.root.mounts().unwrap_or_default() {
            let _ = self.root.remove(&volume, &id);
        }
    }
}

pub(crate) fn web() -> VolumeName {
    "web".parse().unwrap()
}

pub(crate) fn digest(release: u64) -> Digest {
    let mut bytes = [0; Digest::LEN];
    bytes[..8].copy_from_slice(&release.to_be_bytes());
    Digest::new(bytes)
}

/// Lays down files that anybody can read.
pub(crate) fn stage(mount: &mut Mount, release: u64, files: &[(&str, &str)]) -> Staged {
    let paths: Vec<FilePath> = files
        .iter()
        .map(|(path, _)| path.parse().unwrap())
        .collect();
    let contents = files.iter().map(|(_, content)| File {
        mode: 0o644,
        uid: 0,
        gid: 0,
        content: content.as_bytes(),
    });
    mount
        .stage(release, digest(release), paths.iter().zip(contents))
        .unwrap()
}

/// Lays down files and makes them current.
pub(crate) fn release(mount: &mut Mount, release: u64, files: &[(&str, &str)], now_ms: i64) {
    let staged = stage(mount, release, files);
    mount.swap(staged, now_ms).unwrap();
}

/// What is in a folder, sorted.
pub(crate) fn names(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}
