//! The periodic removal of what nobody needs any more.

use crate::{
    apps::Deposed,
    controller::Shared,
    fence::Fence,
    publisher::{PublishError, Publisher},
};
use dockeeper_zk_client::Client;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long a collection may take. What is left is for the next one.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Collects again and again, the first time an interval after the term's beginning: however often
/// the leadership changes, it is not more often than that.
pub(crate) async fn run<P: Publisher>(
    shared: &Shared<P>,
    client: &Client,
    fence: Fence,
) -> Deposed {
    loop {
        sleep(shared.config.collect_interval).await;
        match timeout(LIMIT, shared.publisher.collect(client, fence)).await {
            Ok(Ok(())) => tracing::debug!("removed what is kept no longer"),
            Ok(Err(PublishError::Deposed)) => return Deposed,
            Ok(Err(error)) => {
                tracing::warn!(%error, "cannot remove what is kept no longer; trying again later");
            }
            Err(_) => {
                tracing::warn!("did not remove within {LIMIT:?} all that is kept no longer");
            }
        }
    }
}
