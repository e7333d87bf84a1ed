//! What tells rendered files from others.

use super::RenderedFile;
use dockeeper_model::config::{Digest, FilePath};
use std::collections::BTreeMap;

/// So that no other digest of the same bytes is equal.
const CONTEXT: &[u8] = b"dockeeper rendered files 1";

/// The BLAKE3 hash of the files in their order: of each the path, permissions, owners and content,
/// with their lengths in front, so that equal hashes mean equal files.
pub(super) fn of(files: &BTreeMap<FilePath, RenderedFile>, key: Option<&[u8; 32]>) -> Digest {
    let mut hasher = key.map_or_else(blake3::Hasher::new, blake3::Hasher::new_keyed);
    hasher.update(CONTEXT);
    for (path, file) in files {
        update(&mut hasher, path.as_str().as_bytes());
        for number in [file.mode, file.uid, file.gid] {
            hasher.update(&number.to_le_bytes());
        }
        update(&mut hasher, &file.content);
    }
    Digest::new(hasher.finalize().into())
}

fn update(hasher: &mut blake3::Hasher, bytes: &[u8]) {
    // No content is as long as 2^64 bytes.
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}
