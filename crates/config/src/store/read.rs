//! Reads releases and what they consist of.

use super::{Error, REQUESTS_MAX, Store, TRANSFERS_MAX, backend::Backend};
use crate::{
    blob,
    bundle::{self, BUNDLE_LEN_MAX, Bundle, chunks_of},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use dockeeper_model::{
    NodeName,
    config::{AppName, Applied, Digest, Head, Manifest, Release, Rollout},
    decode, layout,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;

// === impl Store ===

impl Store {
    /// An app's newest release; `None` when it has none.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`], [`Error::Foreign`].
    pub async fn head(&self, app: &AppName) -> Result<Option<Release>, Error> {
        // A release is forgotten only when the head is another one.
        loop {
            let Some((head, _)) = self.record::<Head>(&layout::head(app)).await? else {
                return Ok(None);
            };
            if let Some(release) = Backend::release(self, app, head.release).await? {
                return Ok(Some(release));
            }
            let now = self.record::<Head>(&layout::head(app)).await?;
            if now.is_some_and(|(now, _)| now == head) {
                let (app, release) = (app.clone(), head.release);
                return Err(Error::NoRelease { app, release });
            }
        }
    }

    /// A release of an app.
    ///
    /// # Errors
    ///
    /// [`Error::NoRelease`], [`Error::ZooKeeper`], [`Error::Foreign`].
    pub async fn release(&self, app: &AppName, release: u64) -> Result<Release, Error> {
        let found = Backend::release(self, app, release).await?;
        found.ok_or_else(|| Error::NoRelease {
            app: app.clone(),
            release,
        })
    }

    /// The newest releases of an app, at most this many, the newest first.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`], [`Error::Foreign`].
    pub async fn history(&self, app: &AppName, count: usize) -> Result<Vec<Release>, Error> {
        let numbers = Backend::releases(self, app).await?;
        let newest = numbers.into_iter().rev().take(count);
        let reads = newest.map(|number| Backend::release(self, app, number));
        let releases = stream::iter(Vec::from_iter(reads)).buffered(TRANSFERS_MAX);
        // One that was forgotten meanwhile is left out.
        releases
            .try_filter_map(async |found| Ok(found))
            .try_collect()
            .await
    }

    /// What a release consists of, without the content of its files.
    ///
    /// # Errors
    ///
    /// [`Error::MissingBlob`], [`Error::WrongBlob`], [`Error::Foreign`], [`Error::ZooKeeper`].
    pub async fn manifest(&self, release: &Release) -> Result<Manifest, Error> {
        let content = self.content(release, &release.manifest).await?;
        decode(&content).map_err(|why| Error::Foreign {
            path: layout::blob(&release.manifest),
            why,
        })
    }

    /// What a release consists of. Each blob is what its address says.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`], and those of [`manifest`](Self::manifest).
    pub async fn bundle(&self, release: &Release) -> Result<Bundle, Error> {
        let manifest = self.manifest(release).await?;
        let damaged = |why| Error::Damaged {
            manifest: release.manifest,
            why,
        };
        let reads = chunks_of(&manifest).into_iter().map(|chunk| async move {
            let content = self.content(release, &chunk).await?;
            Ok::<_, Error>((chunk, content))
        });
        let mut reads = stream::iter(Vec::from_iter(reads)).buffer_unordered(TRANSFERS_MAX);
        let mut chunks = BTreeMap::new();
        let mut len = 0;
        while let Some((chunk, content)) = reads.try_next().await? {
            len += content.len();
            // A manifest is checked against its bounds as a whole: before that, nothing is read
            // without end.
            if len > BUNDLE_LEN_MAX {
                return Err(damaged(bundle::Error::TooLong.into()));
            }
            chunks.insert(chunk, content);
        }
        Bundle::of(manifest, &chunks).map_err(damaged)
    }

    /// How far an app's newest release has come; `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`], [`Error::Foreign`].
    pub async fn rollout(&self, app: &AppName) -> Result<Option<Rollout>, Error> {
        let record = self.record(&layout::rollout(app)).await?;
        Ok(record.map(|(rollout, _)| rollout))
    }

    /// What the hosts say of an app's releases.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`], [`Error::Foreign`].
    pub async fn applied(&self, app: &AppName) -> Result<BTreeMap<NodeName, Applied>, Error> {
        let names = self.list(&layout::applied(app)).await?;
        // What is none of ours is left alone.
        let nodes = names.iter().filter_map(|name| name.parse().ok());
        let reads = nodes.map(|node: NodeName| async move {
            let record = self.record(&layout::applied_by(app, &node)).await?;
            Ok::<_, Error>(record.map(|(applied, _)| (node, applied)))
        });
        let found = stream::iter(Vec::from_iter(reads)).buffer_unordered(REQUESTS_MAX);
        found
            .try_filter_map(async |found| Ok(found))
            .try_collect()
            .await
    }

    async fn content(&self, release: &Release, address: &Digest) -> Result<Bytes, Error> {
        let Some(packed) = release.inline.get(address) else {
            let content = Backend::read(self, address).await?;
            return content.ok_or(Error::MissingBlob(*address));
        };
        // What is no Base64 is packed in no way that is known.
        let packed = BASE64_STANDARD.decode(packed).unwrap_or_default();
        blob::unpack(address, &packed).map_err(|why| Error::WrongBlob {
            address: *address,
            why,
        })
    }
}
