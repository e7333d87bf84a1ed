//! A bundle as blobs: its manifest, and its files in chunks.

use super::{Bundle, BundleFile, Error, MANIFEST_LEN_MAX};
use crate::blob::{CONTENT_LEN_MAX, hash};
use bytes::{Bytes, BytesMut};
use dockeeper_model::{
    config::{Digest, File, FilePath, Manifest},
    encode,
};
use std::collections::{BTreeMap, BTreeSet};

/// A bundle as blobs. Equal bundles have equal parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What it consists of.
    pub manifest: Manifest,
    /// The manifest's address.
    pub address: Digest,
    /// The contents of the blobs by their addresses, the manifest's too.
    pub contents: BTreeMap<Digest, Bytes>,
}

/// What was put together is not what the manifest says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// A chunk is not there.
    #[error("the blob {chunk}, a part of {path}, is missing")]
    Missing {
        /// The file.
        path: FilePath,
        /// The chunk.
        chunk: Digest,
    },
    /// A file has another content, though all of its chunks are right.
    #[error("the manifest contradicts itself: {path} is not what its chunks make")]
    File {
        /// The file.
        path: FilePath,
    },
    /// The whole is no bundle.
    #[error(transparent)]
    Bundle(#[from] Error),
}

// === impl Parts ===

impl Parts {
    /// Cuts a bundle into its parts.
    ///
    /// # Errors
    ///
    /// What makes it no release.
    pub fn of(bundle: &Bundle) -> Result<Self, Error> {
        bundle.check()?;
        let mut contents = BTreeMap::new();
        let files = bundle.files.iter().map(|(path, file)| {
            let chunks = file.content.chunks(CONTENT_LEN_MAX).map(|chunk| {
                let address = hash(chunk);
                contents.insert(address, file.content.slice_ref(chunk));
                address
            });
            let file = File {
                mode: file.mode,
                uid: file.uid,
                gid: file.gid,
                size: file.content.len() as u64,
                digest: hash(&file.content),
                chunks: chunks.collect(),
            };
            (path.clone(), file)
        });
        let manifest = Manifest {
            files: files.collect(),
            keys: bundle.keys.clone(),
        };
        let encoded = encode(&manifest);
        if encoded.len() > MANIFEST_LEN_MAX {
            return Err(Error::ManifestTooLong(encoded.len()));
        }
        let address = hash(&encoded);
        contents.insert(address, encoded.into());
        Ok(Self {
            manifest,
            address,
            contents,
        })
    }
}

// === impl Bundle ===

impl Bundle {
    /// Puts a bundle together from the contents of its chunks, which are what their addresses say.
    ///
    /// # Errors
    ///
    /// See [`Damaged`].
    pub fn of(manifest: Manifest, chunks: &BTreeMap<Digest, Bytes>) -> Result<Self, Damaged> {
        let mut bundle = Self {
            files: BTreeMap::new(),
            keys: manifest.keys,
        };
        for (path, file) in manifest.files {
            let content = content(&path, &file, chunks)?;
            let file = BundleFile {
                mode: file.mode,
                uid: file.uid,
                gid: file.gid,
                content,
            };
            bundle.files.insert(path, file);
        }
        bundle.check()?;
        Ok(bundle)
    }
}

/// The addresses of all chunks of a manifest's files.
pub(crate) fn chunks_of(manifest: &Manifest) -> BTreeSet<Digest> {
    let files = manifest.files.values();
    files.flat_map(|file| file.chunks.iter().copied()).collect()
}

fn content(
    path: &FilePath,
    file: &File,
    chunks: &BTreeMap<Digest, Bytes>,
) -> Result<Bytes, Damaged> {
    let find = |chunk: &Digest| {
        chunks.get(chunk).ok_or_else(|| Damaged::Missing {
            path: path.clone(),
            chunk: *chunk,
        })
    };
    let content = match file.chunks.as_slice() {
        [] => Bytes::new(),
        [chunk] => find(chunk)?.clone(),
        several => {
            let mut content = BytesMut::new();
            for chunk in several {
                content.extend_from_slice(find(chunk)?);
                // A manifest that names one chunk again and again is none of ours.
                if content.len() as u64 > file.size {
                    return Err(Damaged::File { path: path.clone() });
                }
            }
            content.freeze()
        }
    };
    match content.len() as u64 == file.size && hash(&content) == file.digest {
        true => Ok(content),
        false => Err(Damaged::File { path: path.clone() }),
    }
}
