//! Has a release in memory: from the disk, or from ZooKeeper.

use super::{FeedError, app::App};
use crate::{
    bundle::Bundle,
    store::{Error, Store},
};
use dockeeper_model::config::{Digest, Release};
use std::sync::Arc;
use tokio::{sync::Mutex, task};

/// A release's place in memory. Who fetches it holds the lock.
pub(super) type Slot = Mutex<Content>;

/// What there is of a release.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Its record, where it came with the rollout.
    pub(super) record: Option<Release>,
    fetched: Option<Fetched>,
}

/// A release in memory.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    /// The address of its manifest.
    pub(super) manifest: Digest,
    pub(super) bundle: Arc<Bundle>,
}

// === impl App ===

impl App {
    /// A release's content, and its address.
    pub(super) async fn fetch(&self, release: u64) -> Result<Fetched, FeedError> {
        let slot = self.slot(release);
        let mut content = slot.lock().await;
        if let Some(fetched) = &content.fetched {
            return Ok(fetched.clone());
        }
        let known = content.record.take();
        let fetched = match self.connected() {
            Some(client) => self.fetch_with(&Store::new(&client), release, known).await,
            None => self.recall(release, known).await,
        }?;
        content.fetched = Some(fetched.clone());
        Ok(fetched)
    }

    async fn fetch_with(
        &self,
        store: &Store,
        release: u64,
        known: Option<Release>,
    ) -> Result<Fetched, FeedError> {
        let record = match known {
            Some(record) => record,
            None => match store.release(self.name(), release).await {
                Ok(record) => record,
                Err(error) => return self.recall_instead(error, release).await,
            },
        };
        let manifest = record.manifest;
        // A small release's content is in its record already.
        if record.inline.is_empty()
            && let Some(fetched) = self.load(manifest).await
        {
            return Ok(fetched);
        }
        let bundle = store.bundle(&record).await?;
        Ok(Fetched {
            manifest,
            bundle: Arc::new(bundle),
        })
    }

    /// The disk still helps where the connection was lost just now, or where the release is kept no
    /// longer, as this host could not say for a while that containers run it.
    async fn recall_instead(&self, error: Error, release: u64) -> Result<Fetched, FeedError> {
        let is_forgotten = matches!(error, Error::NoRelease { .. });
        let error = FeedError::from(error);
        if !is_forgotten && matches!(error, FeedError::Lasting(_)) {
            return Err(error);
        }
        self.recall(release, None).await.map_err(|_| error)
    }

    /// A release from the disk, which may be all that there is.
    async fn recall(&self, release: u64, known: Option<Release>) -> Result<Fetched, FeedError> {
        let manifest = match &known {
            Some(record) => Some(record.manifest),
            None => self.kept_manifest(release),
        };
        let loaded = match manifest {
            Some(manifest) => self.load(manifest).await,
            None => None,
        };
        loaded.ok_or_else(|| {
            let app = self.name();
            FeedError::Passing(format!(
                "release {release} of {app} is not on this host, and there is no connection to \
                 ZooKeeper to fetch it"
            ))
        })
    }

    async fn load(&self, manifest: Digest) -> Option<Fetched> {
        let (cache, app) = (self.cache().clone(), self.name().clone());
        let loading = task::spawn_blocking(move || cache.bundle(&app, &manifest));
        let bundle = Arc::new(loading.await.ok()??);
        Some(Fetched { manifest, bundle })
    }
}
