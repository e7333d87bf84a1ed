//! Tells when others' znodes go that are in the way of this host's.

use dockeeper_zk_client::Client;
use std::collections::HashSet;
use tokio::task::JoinSet;

/// How many znodes are watched. What is beyond is looked at with each comparison only.
const WATCHED_MAX: usize = 256;

/// Waits for znodes to go.
#[derive(Debug, Default)]
pub(super) struct Vacancies {
    watched: HashSet<String>,
    /// The znode, and whether it has gone.
    waits: JoinSet<(String, bool)>,
}

// === impl Vacancies ===

impl Vacancies {
    /// Waits also for this znode to go.
    pub(super) fn watch(&mut self, client: &Client, path: &str) {
        if self.watched.len() < WATCHED_MAX && self.watched.insert(path.to_owned()) {
            self.waits.spawn(gone(client.clone(), path.to_owned()));
        }
    }

    /// The next znode that has gone; `None` when there is none to wait for. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<String> {
        loop {
            // A wait neither panics nor is aborted.
            let (path, has_gone) = self.waits.join_next().await?.ok()?;
            self.watched.remove(&path);
            if has_gone {
                return Some(path);
            }
        }
    }
}

async fn gone(client: Client, path: String) -> (String, bool) {
    loop {
        match client.exists_and_watch(&path).await {
            Ok((None, _)) => return (path, true),
            // It may have fired because the content changed.
            Ok((Some(_), changed)) => match changed.fired().await {
                Ok(_) => {}
                Err(_) => return (path, false),
            },
            // The next comparison looks again.
            Err(error) => {
                tracing::debug!(%error, "cannot watch a znode that is in the way");
                return (path, false);
            }
        }
    }
}
