//! What the controller needs of the store of releases.

mod releases;

pub use self::releases::Releases;

use crate::fence::Fence;
use dockeeper_model::config::{AppName, Rollout};
use dockeeper_zk_client::Client;

/// What the controller needs of the store of releases.
pub trait Publisher: Send + Sync + 'static {
    /// Publishes a release that goes back, in one multi behind the fence: the release, the head, and
    /// in place of the failed rollout that of
    /// [`everyone`](dockeeper_config::rollout::everyone). Returns the new release.
    fn roll_back(
        &self,
        client: &Client,
        fence: Fence,
        rollback: Rollback<'_>,
    ) -> impl Future<Output = Result<u64, PublishError>> + Send;

    /// Removes releases that are kept no longer, and blobs that nothing refers to, each multi behind
    /// the fence.
    fn collect(
        &self,
        client: &Client,
        fence: Fence,
    ) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// A way back.
#[derive(Clone, Copy, Debug)]
pub struct Rollback<'a> {
    /// The app.
    pub app: &'a AppName,
    /// The release whose content the new one gets.
    pub to: u64,
    /// The rollout that failed, or was given up. Its reason is the new release's message.
    pub failed: &'a Rollout,
    /// The version of its znode: who has changed it since meant something else.
    pub version: i32,
}

/// Why nothing was published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// Somebody else published a release, or changed the rollout.
    #[error("somebody else was first")]
    Superseded,
    /// The fence has fallen.
    #[error("another agent controls the cluster by now")]
    Deposed,
    /// For a reason that passes: it is tried again.
    #[error("{0}")]
    Passing(String),
    /// For a reason that a person has to look at.
    #[error("{0}")]
    Final(String),
}
