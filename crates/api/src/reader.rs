//! The session for what is only looked at, or changed for good: nothing is held with it.

use crate::problem::Problem;
use dockeeper_zk_client::{Client, Config, State};
use parking_lot::Mutex;

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
