//! Removes the blobs that no release refers to.
//!
//! Blobs are shared, and publishers store them before the release that refers to them. So a blob to
//! which nothing refers may be one that somebody is about to rely on. What keeps it:
//!
//! 1. A publisher relies only on blobs that it has written itself, or that were written, by the
//!    server's clock, at most [`RELIED_AGE_MS_MAX`] before it began; older ones it writes again. It
//!    gives up when it is not done within [`PUBLISH_LIMIT`]. So a release is made within
//!    `RELIED_AGE_MS_MAX` + `PUBLISH_LIMIT`, three quarters of the grace, of the last write of each
//!    of its blobs, as far as that publisher knows; a later write only makes it younger.
//! 2. A collection first reads the server's clock (`began`), then all releases, and then looks at
//!    each blob that none of them refers to. It removes the blob if its last write was before `began`
//!    less the grace, and only the very version whose time it has seen. The clock is read by a write,
//!    and what a session reads behind its own write is not older, whatever server answers.
//!
//! Suppose it removed a blob that a release refers to, and let `w` be the last write that it saw. The
//! release's publisher relied on `w` or on an earlier write, and not on a later one, which would have
//! changed the version or, coming after the removal, made the blob anew. So the release was made
//! before `w` plus three quarters of the grace, which is before `began`, and hence before the
//! releases were read. It was among them, unless it was forgotten by then: a contradiction.
//!
//! A version alone does not tell a blob that was removed and made again from what it was, since both
//! begin at 0. So each removal also checks that no other collection has begun since, and is never
//! repeated: between a collection's look at a blob and its own removal, nobody else removes it.
//!
//! The last quarter of the grace is for clocks: of the servers, one of which may lead after another,
//! and of the publisher, whose request may be on its way for a while, but not for longer than its
//! session lives. Removing and making an app again changes nothing of this.

use super::{
    Error, REQUESTS_MAX, Store, TRANSFERS_MAX,
    backend::{Backend, BlobStat, Fence, Removed},
};
use crate::bundle::chunks_of;
use dockeeper_model::{
    config::{AppName, Digest, Manifest},
    decode, layout,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{collections::BTreeSet, time::Duration};

/// How old a blob has to be before it is removed.
pub const COLLECTION_GRACE: Duration = Duration::from_secs(60 * 60);

/// How long a publisher may take to store what it relies on and to make its release.
pub(super) const PUBLISH_LIMIT: Duration = Duration::from_secs(COLLECTION_GRACE.as_secs() / 2);

const GRACE_MS: i64 = COLLECTION_GRACE.as_secs().cast_signed() * 1000;

/// How old a blob may be, when a publisher begins, for it to rely on it as it is.
pub(super) const RELIED_AGE_MS_MAX: i64 = GRACE_MS / 4;

/// What a collection came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// How many blobs releases refer to.
    pub referenced: usize,
    /// How many blobs nothing refers to, but may do so soon.
    pub young: usize,
    /// How many blobs were removed.
    pub removed: usize,
    /// How long those were in ZooKeeper, in bytes.
    pub removed_bytes: u64,
}

// === impl Store ===

impl Store {
    /// Removes the blobs that no release has referred to for [`COLLECTION_GRACE`]. One collection is
    /// under way at a time: a later one ends the earlier.
    ///
    /// # Errors
    ///
    /// [`Error::OtherCollector`]; [`Error::ZooKeeper`]; and when a release cannot be read, so that
    /// nobody knows what it refers to: nothing is removed then.
    pub async fn collect(&self) -> Result<Collected, Error> {
        collect(self).await
    }
}

pub(super) async fn collect<B: Backend>(backend: &B) -> Result<Collected, Error> {
    let fence = backend.begin_collection().await?;
    let referenced = referenced(backend).await?;
    let mut collected = Collected {
        referenced: referenced.len(),
        ..Collected::default()
    };
    // Folder by folder, so that only a part of all names is in memory.
    for folder in backend.folders().await? {
        let mut blobs = backend.blobs(&folder).await?;
        blobs.retain(|blob| !referenced.contains(blob));
        let looks = blobs.iter().map(|blob| sweep(backend, fence, blob));
        let mut looks = stream::iter(Vec::from_iter(looks)).buffer_unordered(REQUESTS_MAX);
        while let Some(swept) = looks.try_next().await? {
            match swept {
                Swept::Removed(len) => {
                    collected.removed += 1;
                    collected.removed_bytes += len as u64;
                }
                Swept::Young => collected.young += 1,
            }
        }
    }
    Ok(collected)
}

enum Swept {
    /// With this length.
    Removed(usize),
    Young,
}

async fn sweep<B: Backend>(backend: &B, fence: Fence, blob: &Digest) -> Result<Swept, Error> {
    let Some(stat) = backend.stat(blob).await?.filter(|stat| is_old(fence, stat)) else {
        return Ok(Swept::Young);
    };
    match backend.remove(fence, blob, stat.version).await? {
        Removed::Gone => Ok(Swept::Removed(stat.len)),
        Removed::Changed => Ok(Swept::Young),
        Removed::Fenced => Err(Error::OtherCollector),
    }
}

fn is_old(fence: Fence, stat: &BlobStat) -> bool {
    fence.began_ms.saturating_sub(stat.written_ms) > GRACE_MS
}

/// What all releases refer to. Not more than ZooKeeper has: each is named in a record or a manifest.
async fn referenced<B: Backend>(backend: &B) -> Result<BTreeSet<Digest>, Error> {
    let mut referenced = BTreeSet::new();
    for app in backend.apps().await? {
        let releases = backend.releases(&app).await?;
        let reads = releases
            .into_iter()
            .map(|number| manifest_of(backend, &app, number));
        let mut manifests = stream::iter(Vec::from_iter(reads)).buffer_unordered(TRANSFERS_MAX);
        while let Some(found) = manifests.try_next().await? {
            if let Some((address, manifest)) = found {
                referenced.insert(address);
                referenced.extend(chunks_of(&manifest));
            }
        }
    }
    Ok(referenced)
}

/// The manifest of a release that refers to blobs; `None` for one that has all in its record, or is
/// forgotten meanwhile.
async fn manifest_of<B: Backend>(
    backend: &B,
    app: &AppName,
    number: u64,
) -> Result<Option<(Digest, Manifest)>, Error> {
    let Some(release) = backend.release(app, number).await? else {
        return Ok(None);
    };
    if !release.inline.is_empty() {
        return Ok(None);
    }
    let address = release.manifest;
    let Some(content) = backend.read(&address).await? else {
        // It may have been collected, if the release was forgotten just now.
        return match backend.release(app, number).await? {
            None => Ok(None),
            Some(_) => Err(Error::MissingBlob(address)),
        };
    };
    let manifest = decode(&content).map_err(|why| Error::Foreign {
        path: layout::blob(&address),
        why,
    })?;
    Ok(Some((address, manifest)))
}

#[cfg(test)]
mod tests;
