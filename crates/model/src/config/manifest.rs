//! What a release consists of.

use super::{Digest, FilePath, Key};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a release consists of. Equal manifests are equal contents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// Files, and templates with the suffix `.j2`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<FilePath, File>,
    /// Values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<Key, String>,
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct File {
    /// Its permissions.
    pub mode: u32,
    /// Whose it is, as the container counts users.
    pub uid: u32,
    /// Whose group's it is.
    pub gid: u32,
    /// Its length in bytes.
    pub size: u64,
    /// The address of the whole content.
    pub digest: Digest,
    /// The addresses of its chunks, in order. Empty when the file is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chunks: Vec<Digest>,
}

// === impl Manifest ===

impl Manifest {
    /// The length of all files, in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|file| file.size).sum()
    }
}
