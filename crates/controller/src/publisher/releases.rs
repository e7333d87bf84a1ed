//! The store of releases, behind a leader's fence.

use super::{PublishError, Publisher, Rollback};
use crate::fence::Fence;
use dockeeper_config::{
    rollout::everyone,
    store::{Edit, Error, Publication, Published, Store, WORDS_LEN_MAX},
};
use dockeeper_model::{
    NodeName,
    layout::{self, CONTROLLER_EPOCH},
};
use dockeeper_zk_client::Client;

/// Releases in ZooKeeper.
#[derive(Clone, Debug)]
pub struct Releases {
    /// Who goes back, as their histories say.
    by: String,
    now_ms: fn() -> i64,
}

// === impl Releases ===

impl Releases {
    /// Releases that the controller of this host makes, by the wall clock in milliseconds since 1970.
    pub fn new(node: &NodeName, now_ms: fn() -> i64) -> Self {
        Self {
            by: format!("controller@{node}"),
            now_ms,
        }
    }
}

impl Publisher for Releases {
    async fn roll_back(
        &self,
        client: &Client,
        fence: Fence,
        rollback: Rollback<'_>,
    ) -> Result<u64, PublishError> {
        let Rollback {
            app,
            to,
            failed,
            version,
        } = rollback;
        let now_ms = (self.now_ms)();
        let publication = Publication {
            edit: Edit::AutoRollBack(to),
            by: self.by.clone(),
            message: words(&failed.reason),
            now_ms,
            expect: None,
        };
        let store = behind(fence, client).behind(&layout::rollout(app), version);
        let published = store.publish(app, &publication, |beginning| {
            everyone(
                Some(failed),
                beginning.release.release,
                &failed.reason,
                now_ms,
            )
        });
        match published.await {
            Ok(Published::New(release) | Published::Unchanged(release)) => Ok(release.release),
            Err(error) => Err(judge(error)),
        }
    }

    async fn collect(&self, client: &Client, fence: Fence) -> Result<(), PublishError> {
        let store = behind(fence, client);
        for summary in store.apps().await.map_err(judge)? {
            let app = summary.app;
            match store.retire(&app).await.map_err(judge) {
                Ok(releases) if releases.is_empty() => {}
                Ok(releases) => tracing::info!(%app, ?releases, "forgot old releases"),
                Err(PublishError::Deposed) => return Err(PublishError::Deposed),
                // One app is no reason to keep what others need no longer.
                Err(error) => tracing::warn!(%app, %error, "cannot forget old releases"),
            }
        }
        let collected = store.collect().await.map_err(judge)?;
        tracing::debug!(?collected, "removed blobs that nothing refers to");
        Ok(())
    }
}

fn behind(fence: Fence, client: &Client) -> Store {
    Store::new(client).behind(CONTROLLER_EPOCH, fence.version())
}

fn judge(error: Error) -> PublishError {
    let text = error.to_string();
    match error {
        Error::Fenced { path } if path == CONTROLLER_EPOCH => PublishError::Deposed,
        // The other fence is the failed rollout; or the app was removed with it.
        Error::Fenced { .. } | Error::NoApp(_) => PublishError::Superseded,
        Error::ZooKeeper(_)
        | Error::Contended { .. }
        | Error::TooSlow { .. }
        | Error::OtherCollector => PublishError::Passing(text),
        _ => PublishError::Final(text),
    }
}

/// As much of a reason as a release's message may have.
fn words(reason: &str) -> String {
    reason[..reason.floor_char_boundary(WORDS_LEN_MAX)].to_owned()
}
