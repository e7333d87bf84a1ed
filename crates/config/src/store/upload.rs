//! Stores what a release consists of.
//!
//! Others collect at the same time what no release refers to: see [`collect`](super::collect) for why
//! nothing is lost.

use super::{Error, TRANSFERS_MAX, backend::Backend, collect::RELIED_AGE_MS_MAX};
use crate::{blob::pack, bundle::Parts};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use dockeeper_model::config::Digest;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;

/// How long the packed blobs of a release may be together that is stored in its own record. Readers
/// of the history read them too.
pub(super) const INLINE_LEN_MAX: usize = 64 * 1024;

/// The blobs of a small release, as its record has them; `None` when it is not small.
pub(super) fn inline(parts: &Parts) -> Option<BTreeMap<Digest, String>> {
    let mut len = 0;
    let packed = parts.contents.iter().map(|(address, content)| {
        let packed = pack(content);
        len += packed.len();
        (len <= INLINE_LEN_MAX).then(|| (*address, BASE64_STANDARD.encode(packed)))
    });
    packed.collect()
}

/// Stores the blobs of a release, so that each was written, at the end, no longer ago than
/// [`RELIED_AGE_MS_MAX`] before the beginning.
pub(super) async fn upload<B: Backend>(backend: &B, parts: &Parts) -> Result<(), Error> {
    let manifest = parts.contents.get_key_value(&parts.address);
    let (address, content) = manifest.expect("a bundle's parts have its manifest");
    // Always written: it tells the server's time.
    let now_ms = backend.write(address, &pack(content)).await?;
    let others = parts.contents.iter();
    let others = others.filter(|(address, _)| **address != parts.address);
    let writes = others.map(|(address, content)| store(backend, now_ms, address, content));
    let writes = stream::iter(Vec::from_iter(writes)).buffer_unordered(TRANSFERS_MAX);
    writes.try_collect().await
}

async fn store<B: Backend>(
    backend: &B,
    now_ms: i64,
    address: &Digest,
    content: &Bytes,
) -> Result<(), Error> {
    let stat = backend.stat(address).await?;
    let is_relied_on =
        stat.is_some_and(|stat| now_ms.saturating_sub(stat.written_ms) <= RELIED_AGE_MS_MAX);
    if !is_relied_on {
        backend.write(address, &pack(content)).await?;
    }
    Ok(())
}

/// Stores again what is missing of a release that is there.
pub(super) async fn mend<B: Backend>(backend: &B, parts: &Parts) -> Result<(), Error> {
    let writes = parts.contents.iter().map(|(address, content)| async move {
        if backend.stat(address).await?.is_none() {
            backend.write(address, &pack(content)).await?;
        }
        Ok(())
    });
    let writes = stream::iter(Vec::from_iter(writes)).buffer_unordered(TRANSFERS_MAX);
    writes.try_collect().await
}
