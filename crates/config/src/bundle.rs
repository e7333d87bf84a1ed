//! The files and values of an app, in memory.

use bytes::Bytes;
use dockeeper_model::config::{FilePath, Key};
use std::collections::BTreeMap;

/// The longest file, in bytes.
pub const FILE_LEN_MAX: usize = 4 << 20;

/// The length of all files together, in bytes.
pub const BUNDLE_LEN_MAX: usize = 16 << 20;

/// Where the values are rendered as files: nothing else at the top has this name, or begins with it
/// and a dot.
pub const KEYS_NAME: &str = "keys";

/// The files and values of an app.
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
