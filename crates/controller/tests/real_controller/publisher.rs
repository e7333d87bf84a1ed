//! The store of releases, as far as the controller needs one.

use dockeeper_config::rollout::everyone;
use dockeeper_controller::{Fence, PublishError, Publisher, Rollback};
use dockeeper_model::{encode, layout};
use dockeeper_zk_client::{Client, ErrorCode, Multi};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use tokio::sync::watch;

/// What the tests see of all stores, and tell them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hands {
    /// Whether there is nothing to go back to.
    pub(crate) refuses: Arc<AtomicBool>,
    /// How often it was to go back.
    pub(crate) rollbacks: Arc<AtomicU64>,
    /// Who collected last, and behind which fence.
    pub(crate) collected: watch::Sender<Option<(String, Fence)>>,
}

pub(crate) struct Store {
    name: String,
    hands: Hands,
}

impl Store {
    pub(crate) fn new(name: &str, hands: Hands) -> Self {
        Self {
            name: name.to_owned(),
            hands,
        }
    }
}

impl Publisher for Store {
    async fn roll_back(
        &self,
        client: &Client,
        fence: Fence,
        rollback: Rollback<'_>,
    ) -> Result<u64, PublishError> {
        self.hands.rollbacks.fetch_add(1, Ordering::Relaxed);
        if self.hands.refuses.load(Ordering::Relaxed) {
            return Err(PublishError::Final("its blobs are not there".to_owned()));
        }
        let failed = rollback.failed;
        let release = failed.release + 1;
        let next = everyone(Some(failed), release, &failed.reason, failed.changed_ms);
        let path = layout::rollout(rollback.app);
        let write = Multi::new().set(&path, encode(&next), Some(rollback.version));
        match client.multi(fence.guard(write)).await {
            Ok(_) => Ok(release),
            Err(error) if fence.has_fallen(&error) => Err(PublishError::Deposed),
            Err(error) if error.is(ErrorCode::BadVersion) => Err(PublishError::Superseded),
            Err(error) => Err(PublishError::Passing(error.to_string())),
        }
    }

    async fn collect(&self, _client: &Client, fence: Fence) -> Result<(), PublishError> {
        let collected = Some((self.name.clone(), fence));
        self.hands.collected.send_replace(collected);
        Ok(())
    }
}
