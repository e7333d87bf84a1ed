//! The session for what is only looked at, or changed for good: nothing is held with it.

use crate::problem::{Code, Problem};
use dockeeper_health::duration;
use dockeeper_zk_client::{Client, Config, State};
use parking_lot::Mutex;
use std::time::Duration;
use tokio::time;

/// One session for all who ask, begun with the first question.
#[derive(Debug)]
pub(crate) struct Reader {
    config: Config,
    client: Mutex<Option<Client>>,
}

// === impl Reader ===

impl Reader {
    pub(crate) fn new(config: Config) -> Self {
        let client = Mutex::new(None);
        Self { config, client }
    }

    /// Asks what is answered at once, if at all.
    pub(crate) async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(Client) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.ask_within(None, question).await
    }

    /// The same for who waits no longer than this.
    pub(crate) async fn ask_within<T>(
        &self,
        limit: Option<Duration>,
        question: impl AsyncFnOnce(Client) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let longest = self.config.request_timeout;
        let limit = limit.map_or(longest, |limit| limit.min(longest));
        let asking = async { question(self.client().await?).await };
        let late = |_| {
            let limit = duration::format(limit);
            let message = format!("ZooKeeper has not answered within {limit}");
            Err(Problem::new(Code::NoZooKeeper, message))
        };
        time::timeout(limit, asking).await.unwrap_or_else(late)
    }

    /// The znode below which everything lies.
    pub(crate) fn chroot(&self) -> &str {
        self.config.servers.chroot()
    }

    /// The session, connected.
    pub(crate) async fn client(&self) -> Result<Client, Problem> {
        let client = {
            let mut kept = self.client.lock();
            let living = kept.take().filter(|client| !is_over(client));
            let client = living.unwrap_or_else(|| Client::connect(self.config.clone()));
            kept.insert(client).clone()
        };
        client.connected(self.config.request_timeout).await?;
        Ok(client)
    }

    /// Ends the session.
    pub(crate) async fn close(&self) {
        let client = self.client.lock().take();
        if let Some(client) = client {
            client.close().await;
        }
    }
}

fn is_over(client: &Client) -> bool {
    matches!(*client.state().borrow(), State::Ended(_))
}
