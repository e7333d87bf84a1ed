//! The files of one release, in a directory of their own.

use super::{
    beneath::Beneath,
    error::Result as VolumeResult,
    remap::{Owner, Remap},
};
use dockeeper_model::config::FilePath;
use std::{collections::BTreeMap, io};

/// The mode of the folders.
pub(super) const FOLDER_MODE: u32 = 0o755;

/// A file of a release, as a container has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// Its permissions.
    pub mode: u32,
    /// Whose it is, as the container counts users.
    pub uid: u32,
    /// Whose group's it is.
    pub gid: u32,
    /// All of it.
    pub content: &'a [u8],
}

/// Files in their folders.
#[derive(Debug, Default)]
pub(super) struct Folder<'a> {
    files: Vec<(&'a str, File<'a>, Owner)>,
    folders: BTreeMap<&'a str, Self>,
}

// === impl Folder ===

impl<'a> Folder<'a> {
    /// Sorts files into their folders.
    pub(super) fn new(
        files: impl IntoIterator<Item = (&'a FilePath, File<'a>)>,
        remap: Remap,
    ) -> VolumeResult<Self> {
        let mut root = Self::default();
        for (path, file) in files {
            let owner = remap.owner(file.uid, file.gid)?;
            let mut folder = &mut root;
            let mut names = path.names().peekable();
            while let Some(name) = names.next() {
                if names.peek().is_some() {
                    folder = folder.folders.entry(name).or_default();
                } else {
                    folder.files.push((name, file, owner));
                }
            }
        }
        Ok(root)
    }

    /// Writes all of it into an empty directory. A path has few names, so this is not deep.
    pub(super) fn write(&self, directory: &Beneath, root: Owner) -> io::Result<()> {
        for (name, file, owner) in &self.files {
            directory.write(*name, file.content, file.mode, *owner)?;
        }
        for (name, folder) in &self.folders {
            let made = directory.make_directory(*name, FOLDER_MODE, root)?;
            folder.write(&made, root)?;
        }
        Ok(())
    }
}
