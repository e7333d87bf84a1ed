//! The directories and links of a mount, which a container may change at any time.

use super::{
    Error, Result,
    beneath::{Beneath, Entry, Name},
    contents::{FOLDER_MODE, Folder},
    remap::Owner,
    removal,
};
use rustix::io::Errno;
use std::{
    io,
    path::{Path, PathBuf},
};

/// The link to the current directory.
const DATA: &str = "..data";

/// The name under which a link is made before it takes the place of another.
const NEW_LINK: &str = "..link";

/// How often a container may put something else in the place of what is being made.
const TRIES_MAX: u32 = 20;

/// What lies in a mount.
#[derive(Debug)]
pub(super) struct Tree {
    path: PathBuf,
    root: Beneath,
}

// === impl Tree ===

impl Tree {
    /// Opens what is mounted at a path that only root can change.
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        match Beneath::open(&path) {
            Ok(root) => Ok(Self { path, root }),
            Err(error) => Err(failed("open", path, error)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn device(&self) -> Result<u64> {
        let stat = self
            .root
            .stat()
            .map_err(|error| self.failed("look at", "", error))?;
        Ok(stat.st_dev)
    }

    /// What `..data` leads to. A container may have made it lead anywhere.
    pub(super) fn current(&self) -> Option<String> {
        self.root.target(DATA)
    }

    /// Makes a directory the current one, at once.
    pub(super) fn make_current(&self, name: &str) -> Result<()> {
        self.point(DATA, name)
    }

    /// Writes files into a directory of their own.
    pub(super) fn write(&self, name: &str, files: &Folder<'_>, root: Owner) -> Result<()> {
        // A name that no directory has had: what is there, a container has put there.
        self.remove(name)?;
        let made = self.root.make_directory(name, FOLDER_MODE, root);
        let made = made.map_err(|error| self.failed("create", name, error))?;
        files.write(&made, root).map_err(|error| Error::File {
            action: "write a release to",
            path: self.path.join(name),
            error,
        })
    }

    /// Makes the links at the top those of the current release: first what is new, then what is
    /// stale. What a container has put there under other names is its own.
    pub(super) fn settle(&self, current: &str) -> Result<()> {
        let data = self.root.directory(current);
        let data = data.map_err(|error| self.failed("open", current, error))?;
        let wanted = self.list(&data, current)?;
        let wanted: Vec<_> = wanted
            .iter()
            .filter_map(|entry| entry.name.to_str().ok())
            .collect();
        for name in &wanted {
            if !self.is_ours(name) {
                self.point(name, &target(name))?;
            }
        }
        for entry in self
            .list(&self.root, "")?
            .iter()
            .filter(|entry| entry.is_link)
        {
            if let Ok(name) = entry.name.to_str()
                && self.is_ours(name)
                && !wanted.contains(&name)
            {
                self.remove(name)?;
            }
        }
        Ok(())
    }

    /// Removes what begins with two dots and is not known: what was being made or removed when an
    /// agent ended.
    pub(super) fn sweep(&self, is_known: impl Fn(&str) -> bool) -> Result<()> {
        let is_to_stay = |entry: &&Entry| {
            let name = entry.name.to_str();
            name.is_ok_and(|name| name == DATA || !name.starts_with("..") || is_known(name))
        };
        let entries = self.list(&self.root, "")?;
        let mut rest = entries.iter().filter(|entry| !is_to_stay(entry));
        rest.try_for_each(|entry| self.remove(entry.name.as_c_str()))
    }

    /// Removes an entry at the top with all that is in it.
    pub(super) fn remove(&self, name: impl Name) -> Result<()> {
        removal::remove(&self.root, name).map_err(|error| {
            let name = name.as_str().unwrap_or("a file with a strange name");
            self.failed("remove", name, error)
        })
    }

    /// Removes everything.
    pub(super) fn wipe(&self) -> Result<()> {
        let mut entries = self.list(&self.root, "")?.into_iter();
        entries.try_for_each(|entry| self.remove(entry.name.as_c_str()))
    }

    /// Makes a symbolic link that leads to a target, whatever is in its place.
    fn point(&self, name: &str, target: &str) -> Result<()> {
        for _ in 0..TRIES_MAX {
            self.remove(NEW_LINK)?;
            match self.root.link(NEW_LINK, target) {
                Ok(()) => {}
                Err(Errno::EXIST) => continue,
                Err(error) => return Err(self.failed("create", NEW_LINK, error)),
            }
            match self.root.rename(NEW_LINK, name) {
                Ok(()) if self.root.target(name).as_deref() == Some(target) => return Ok(()),
                // A directory, which only a container can have put there.
                Err(Errno::ISDIR | Errno::NOTDIR | Errno::EXIST | Errno::NOTEMPTY) => {
                    self.remove(name)?;
                }
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(self.failed("replace", name, error)),
            }
        }
        Err(Error::Contested(self.path.join(name)))
    }

    /// Whether a name at the top is a link that is there for a file of a release.
    fn is_ours(&self, name: &str) -> bool {
        self.root
            .target(name)
            .is_some_and(|found| found == target(name))
    }

    fn list(&self, directory: &Beneath, name: &str) -> Result<Vec<Entry>> {
        directory
            .entries()
            .map_err(|error| self.failed("list", name, error))
    }

    fn failed(&self, action: &'static str, name: &str, error: Errno) -> Error {
        failed(action, self.path.join(name), error)
    }
}

/// Where a name at the top leads.
fn target(name: &str) -> String {
    format!("{DATA}/{name}")
}

fn failed(action: &'static str, path: PathBuf, error: Errno) -> Error {
    let error = io::Error::from(error);
    Error::File {
        action,
        path,
        error,
    }
}
