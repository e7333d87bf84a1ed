//! The election of the controller, and its term.

use crate::{
    apps::{Apps, Deposed},
    collector,
    fence::Fence,
    publisher::Publisher,
};
use dockeeper_model::{Holder, NodeName, encode, holder, layout};
use dockeeper_recipes::{Error, Held, Lost, Options, election};
use dockeeper_registry::trouble::Trouble;
use dockeeper_zk_client::{Client, CreateMode};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

/// How long before it stands for election again, when that failed or its term ended early.
const STAND_PAUSE: Duration = Duration::from_secs(1);

/// How a controller works.
#[derive(Clone, Debug)]
pub struct Config {
    /// The host's name in the cluster.
    pub node: NodeName,
    /// The machine's host name.
    pub hostname: String,
    /// How often everything is compared again, even if nothing seems to have changed.
    pub compare_interval: Duration,
    /// For how long after the beginning of a term, or of a connection, a container that is missing
    /// may still come back: its host's session may have ended while ZooKeeper was away. Longer than
    /// agents take to notice, which is about their session time-out.
    pub settle: Duration,
    /// How often, at most, what nobody needs any more is removed.
    pub collect_interval: Duration,
    /// The wall clock, in milliseconds since 1970.
    pub now_ms: fn() -> i64,
}

/// What runs once per cluster: each agent has one, and one of them leads.
#[derive(Debug)]
pub struct Controller<P> {
    shared: Arc<Shared<P>>,
}

/// What a term's tasks share.
#[derive(Debug)]
pub(crate) struct Shared<P> {
    pub(crate) config: Config,
    pub(crate) publisher: P,
}

/// Why a term ended.
#[derive(Debug, thiserror::Error)]
enum TermEnd {
    #[error(transparent)]
    Election(#[from] Error),
    #[error(transparent)]
    ZooKeeper(#[from] dockeeper_zk_client::Error),
    #[error("the leadership is lost: {0:?}")]
    Lost(Lost),
    #[error("another agent controls the cluster by now")]
    Deposed,
}

// === impl Config ===

impl Config {
    /// How often everything is compared again.
    pub const COMPARE_INTERVAL: Duration = Duration::from_secs(30);

    /// For how long a container that is missing may still come back.
    pub const SETTLE: Duration = Duration::from_secs(20);

    /// How often what nobody needs any more is removed.
    pub const COLLECT_INTERVAL: Duration = Duration::from_secs(10 * 60);

    /// The usual intervals.
    pub fn new(node: NodeName, hostname: String, now_ms: fn() -> i64) -> Self {
        Self {
            node,
            hostname,
            compare_interval: Self::COMPARE_INTERVAL,
            settle: Self::SETTLE,
            collect_interval: Self::COLLECT_INTERVAL,
            now_ms,
        }
    }
}

// === impl Controller ===

impl<P: Publisher> Controller<P> {
    /// One that publishes through `publisher`.
    pub fn new(config: Config, publisher: P) -> Self {
        let shared = Shared { config, publisher };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Stands for election, and controls the cluster while elected, until the session is over. May
    /// be cancelled at any time.
    pub async fn run(&self, client: &Client) {
        let mut trouble = Trouble::default();
        loop {
            let node = &self.shared.config.node;
            match self.term(client).await {
                TermEnd::Election(Error::SessionOver { .. }) => return,
                TermEnd::ZooKeeper(error) if error.is_session_over() => return,
                end @ (TermEnd::Lost(_) | TermEnd::Deposed) => {
                    trouble.ends(Instant::now());
                    tracing::info!(%node, why = %end, "controls the cluster no longer");
                    if matches!(end, TermEnd::Lost(Lost::SessionOver(_))) {
                        return;
                    }
                }
                end => {
                    if trouble.occurs(Instant::now()).is_some() {
                        tracing::warn!(
                            %node,
                            error = %end,
                            "cannot stand for the election of the controller; trying again"
                        );
                    }
                }
            }
            sleep(STAND_PAUSE).await;
        }
    }

    async fn term(&self, client: &Client) -> TermEnd {
        let (held, fence) = match self.begin(client).await {
            Ok(begun) => begun,
            Err(end) => return end,
        };
        tracing::info!(node = %self.shared.config.node, "controls the cluster");
        let apps = Apps::new(self.shared.clone(), client.clone(), fence);
        let collecting = collector::run(&self.shared, client, fence);
        // What is under way is dropped with the term; behind the fence, it does no harm.
        tokio::select! {
            lost = held.lost() => TermEnd::Lost(lost),
            Deposed = apps.run() => TermEnd::Deposed,
            Deposed = collecting => TermEnd::Deposed,
        }
    }

    async fn begin(&self, client: &Client) -> Result<(Held, Fence), TermEnd> {
        let holder = encode(&self.holder());
        let mode = CreateMode::Persistent;
        client.create_all(layout::CONTROLLER_EPOCH, mode).await?;
        let options = Options {
            data: holder.clone().into(),
            ..Options::default()
        };
        let held = election::campaign(client, layout::CONTROLLER_ELECTION, &options).await?;
        let fence = Fence::raise(client, &held, holder).await?;
        Ok((held, fence))
    }

    fn holder(&self) -> Holder {
        let Config {
            node,
            hostname,
            now_ms,
            ..
        } = &self.shared.config;
        Holder {
            version: holder::VERSION,
            host: hostname.clone(),
            node: Some(node.to_string()),
            container: None,
            pid: std::process::id(),
            command: Vec::new(),
            since_ms: now_ms(),
            held_since_ms: None,
        }
    }
}
