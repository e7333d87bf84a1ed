//! What each agent does for secrets: it publishes whom to encrypt for, and encrypts them anew when
//! hosts have come or gone.
//!
//! All agents see that the recipients have changed. It is not left to the one that leads, for that
//! may be the very host that has just come and can decrypt nothing. Each waits for a random time
//! instead, and finds the work done, unless it is the first, or the first that can do it.

use super::{Error, Identity, Store, store::Registered};
use crate::mirrored::Mirrored;
use dockeeper_model::{NodeName, layout::RECIPIENTS};
use dockeeper_zk_client::Client;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::sleep;

/// How long, on average, between two hosts that look whether there is something to be encrypted:
/// about what a few dozen secrets take.
const PAUSE_PER_HOST: Duration = Duration::from_millis(100);

/// How long a host waits before it looks at most.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// How long before something is tried again that failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// Publishes a host's recipient, and keeps the secrets encrypted for all hosts, until the session is
/// over.
pub async fn upkeep(client: &Client, node: &NodeName, identity: &Identity) {
    let store = Store::new(client);
    if !register(&store, node, identity).await {
        return;
    }
    let mut recipients = Mirrored::start(client, RECIPIENTS);
    while let Some(seen) = recipients.next().await {
        match seen {
            Ok(tree) => {
                let hosts = tree.read(BTreeMap::len);
                sleep(pause(hosts, fastrand::f64())).await;
                if !encrypt(&store, identity).await {
                    return;
                }
            }
            Err(error) => tracing::warn!(%error, "cannot read whom secrets are encrypted for"),
        }
    }
}

/// How long to wait. `random` is drawn evenly from 0 to 1.
fn pause(hosts: usize, random: f64) -> Duration {
    let hosts = u32::try_from(hosts).unwrap_or(u32::MAX);
    let longest = PAUSE_PER_HOST.saturating_mul(hosts).min(PAUSE_MAX);
    longest.mul_f64(random)
}

/// Whether the session still lives.
async fn register(store: &Store, node: &NodeName, identity: &Identity) -> bool {
    loop {
        match store.register(node, &identity.recipient()).await {
            Ok(Registered::Before) => return true,
            Ok(Registered::Now) => {
                tracing::info!(%node, "secrets can be encrypted for this host from now on");
                return true;
            }
            Ok(Registered::InPlaceOfAnother) => {
                tracing::warn!(
                    %node,
                    "this host has another identity than before: until another host has encrypted \
                     the secrets anew, it can read none of them"
                );
                return true;
            }
            Err(error) if is_over(&error) => return false,
            Err(error) => tracing::warn!(%error, "cannot publish whom to encrypt secrets for"),
        }
        sleep(RETRY_INTERVAL).await;
    }
}

/// Whether the session still lives.
async fn encrypt(store: &Store, identity: &Identity) -> bool {
    loop {
        match store.seal_all_again(identity).await {
            Ok(done) => {
                for (secret, error) in &done.failed {
                    tracing::debug!(%secret, %error, "left to another host");
                }
                if !done.changed.is_empty() {
                    let count = done.changed.len();
                    tracing::info!(count, "encrypted secrets anew, as hosts have come or gone");
                }
                return true;
            }
            Err(error) if is_over(&error) => return false,
            Err(error @ Error::ZooKeeper(_)) => {
                tracing::debug!(%error, "cannot encrypt secrets anew; trying again");
            }
            // Only a person can help, and what a person changes is seen.
            Err(error) => {
                tracing::warn!(%error, "cannot encrypt secrets anew");
                return true;
            }
        }
        sleep(RETRY_INTERVAL).await;
    }
}

fn is_over(error: &Error) -> bool {
    matches!(error, Error::ZooKeeper(error) if error.is_session_over())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_hosts_the_longer_but_not_too_long() {
        assert_eq!(pause(3, 0.0), Duration::ZERO);
        assert_eq!(pause(10, 1.0), 10 * PAUSE_PER_HOST);
        assert_eq!(pause(usize::MAX, 1.0), PAUSE_MAX);
    }
}
