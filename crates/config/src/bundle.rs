//! What an app's release consists of, in memory.

mod diff;
mod error;
mod export;
mod parts;
mod read_dir;

pub use self::{
    diff::{Diff, Entry, FileChange, Line, Text, diff},
    error::Error,
    export::{ExportError, Overwrite, export},
    parts::{Damaged, Parts},
    read_dir::{Owner, ReadError, read_dir},
};

pub(crate) use parts::chunks_of;

use crate::blob;
use bytes::Bytes;
use dockeeper_model::config::{FilePath, Key};
use std::collections::BTreeMap;

/// The longest file, in bytes.
pub const FILE_LEN_MAX: usize = 4 << 20;

/// The length of all files together, in bytes. ZooKeeper keeps everything in memory, on each server,
/// and each host has all of it.
pub const BUNDLE_LEN_MAX: usize = 16 << 20;

/// How many files there may be.
pub const FILES_MAX: usize = 1000;

/// The longest value, in bytes.
pub const VALUE_LEN_MAX: usize = 64 << 10;

/// How many values there may be.
pub const KEYS_MAX: usize = 1000;

/// The longest manifest: the names of all files and the values have to fit into one blob. A thousand
/// files with names of 200 bytes do.
pub const MANIFEST_LEN_MAX: usize = blob::CONTENT_LEN_MAX;

/// Where the values are rendered as files: nothing else at the top has this name, or begins with it
/// and a dot.
pub const KEYS_NAME: &str = "keys";

/// The permission bits that a file may have.
pub const MODE_MASK: u32 = 0o777;

/// What an app's release consists of: files, templates among them, and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// Files, and templates with the suffix `.j2`.
    pub files: BTreeMap<FilePath, BundleFile>,
    /// Values.
    pub keys: BTreeMap<Key, String>,
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleFile {
    /// Its permissions.
    pub mode: u32,
    /// Whose it is, as the container counts users.
    pub uid: u32,
    /// Whose group's it is.
    pub gid: u32,
    /// What is in it.
    pub content: Bytes,
}

// === impl Bundle ===

impl Bundle {
    /// The length of all files, in bytes.
    pub fn len(&self) -> usize {
        self.files.values().map(|file| file.content.len()).sum()
    }

    /// Whether there is neither a file nor a value.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.keys.is_empty()
    }

    /// Makes sure that it can be a release. The length of its manifest is known only when it is cut
    /// into its [`Parts`].
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn check(&self) -> Result<(), Error> {
        if self.files.len() > FILES_MAX {
            return Err(Error::TooManyFiles);
        }
        if self.keys.len() > KEYS_MAX {
            return Err(Error::TooManyKeys(self.keys.len()));
        }
        for (path, file) in &self.files {
            self.check_file(path, file)?;
        }
        if self.len() > BUNDLE_LEN_MAX {
            return Err(Error::TooLong);
        }
        match self
            .keys
            .iter()
            .find(|(_, value)| value.len() > VALUE_LEN_MAX)
        {
            None => Ok(()),
            Some((key, value)) => Err(Error::ValueTooLong {
                key: key.clone(),
                len: value.len(),
            }),
        }
    }

    fn check_file(&self, path: &FilePath, file: &BundleFile) -> Result<(), Error> {
        if file.content.len() > FILE_LEN_MAX {
            return Err(Error::FileTooLong { path: path.clone() });
        }
        if file.mode & !MODE_MASK != 0 {
            let path = path.clone();
            let mode = file.mode;
            return Err(Error::Mode { path, mode });
        }
        let rest = path
            .names()
            .next()
            .and_then(|name| name.strip_prefix(KEYS_NAME));
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
            return Err(Error::Reserved(path.clone()));
        }
        let folders = path.as_str().match_indices('/');
        let folders = folders.filter_map(|(end, _)| path.as_str()[..end].parse().ok());
        match folders
            .into_iter()
            .find(|folder| self.files.contains_key(folder))
        {
            None => Ok(()),
            Some(file) => Err(Error::FileAsFolder {
                file,
                below: path.clone(),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
