use crate::{
    Error,
    state_dir::{Saved, StateDir},
};
use dockeeper_model::NodeName;
use dockeeper_zk_client::{
    Client, Closed, Config, CreateMode, Ended, ErrorCode, State,
    state::{Attempt, Connected},
};
use std::time::Duration;

/// How long an old session's end may take. It ends by itself with its time-out.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// How long to pause before the next connection, when one broke before it was of any use.
const AGAIN_PAUSE: Duration = Duration::from_millis(100);

/// How often the log says that there is still no connection.
const WAITING_INTERVAL: Duration = Duration::from_secs(10);

/// The agent's sessions, one after another.
#[derive(Debug)]
pub(crate) struct Sessions<'a> {
    config: &'a Config,
    state_dir: &'a StateDir,
    node: &'a NodeName,
}

/// A session that is connected and saved.
pub(crate) struct Opened {
    pub(crate) client: Client,
    /// Whether an earlier process began it.
    pub(crate) is_resumed: bool,
    pub(crate) session_timeout: Duration,
}

// === impl Sessions ===

impl<'a> Sessions<'a> {
    pub(crate) fn new(config: &'a Config, state_dir: &'a StateDir, node: &'a NodeName) -> Self {
        Self {
            config,
            state_dir,
            node,
        }
    }

    /// A session that is connected and saved: that of an earlier process if it lives, a new one if
    /// not. Waits for ZooKeeper without a limit: containers run without it.
    pub(crate) async fn open(&self) -> Result<Opened, Error> {
        loop {
            let (client, is_resumed) = self.resume_or_begin().await;
            match wait_connected(&client).await {
                Ok(connected) => {
                    self.save(&client)?;
                    if self.has_chroot(&client).await? {
                        return Ok(Opened {
                            client,
                            is_resumed,
                            session_timeout: connected.session_timeout,
                        });
                    }
                    tokio::time::sleep(AGAIN_PAUSE).await;
                }
                Err(Ended::AuthFailed) => return Err(Error::AuthFailed),
                Err(_) => {
                    tracing::info!("the last session has expired; beginning a new one");
                    self.state_dir.forget();
                }
            }
        }
    }

    /// A client, and whether it resumes a session.
    async fn resume_or_begin(&self) -> (Client, bool) {
        let chroot = self.config.servers.chroot();
        let Some(saved) = self.state_dir.session() else {
            return (Client::connect(self.config.clone()), false);
        };
        let Saved {
            session,
            chroot: of_chroot,
            node: of_node,
        } = saved;
        if let Some(of_node) = of_node.filter(|name| name != self.node.as_str()) {
            // Neither resumed nor closed: its agent may live, where this directory was copied from.
            tracing::warn!(
                state_dir = %self.state_dir.path().display(),
                "the session in the state directory is that of node '{of_node}', and this is node \
                 '{}': beginning a new one; if this host was renamed, what it registered under its \
                 old name goes when the old session expires",
                self.node
            );
            self.state_dir.forget();
            return (Client::connect(self.config.clone()), false);
        }
        if of_chroot == chroot {
            return (Client::resume(self.config.clone(), session), true);
        }
        // Its znodes lie where this agent does not look any more: they have to go.
        tracing::info!(from = of_chroot, to = chroot, "the chroot has changed");
        let old = Client::resume(self.config.clone(), session);
        let closed = tokio::time::timeout(CLOSE_LIMIT, old.close()).await;
        if closed != Ok(Closed::Ended) {
            tracing::warn!(
                chroot = of_chroot,
                "the last session could not be ended: what it registered goes when it expires"
            );
        }
        self.state_dir.forget();
        (Client::connect(self.config.clone()), false)
    }

    fn save(&self, client: &Client) -> Result<(), Error> {
        match client.session() {
            Some(session) => self
                .state_dir
                .save(&session, &self.config.servers, self.node),
            None => Ok(()),
        }
    }

    /// Makes the chroot, which a client below it cannot. False when the connection broke.
    async fn has_chroot(&self, client: &Client) -> Result<bool, Error> {
        let chroot = self.config.servers.chroot();
        match client.exists("/").await {
            Ok(Some(_)) => return Ok(true),
            Ok(None) => {}
            Err(error) => return refused_or_false(error),
        }
        let servers = self.config.servers.with_chroot("/");
        let root = Client::connect(Config {
            servers: servers.expect("the root is a path"),
            ..self.config.clone()
        });
        let made = root.create_all(chroot, CreateMode::Persistent).await;
        root.close().await;
        match made {
            Ok(()) => {
                tracing::info!(chroot, "made the chroot");
                Ok(true)
            }
            Err(error) if error.is(ErrorCode::NodeExists) => Ok(true),
            Err(error) => refused_or_false(error),
        }
    }
}

fn refused_or_false(error: dockeeper_zk_client::Error) -> Result<bool, Error> {
    if error.code().is_none() || error.is_transient() {
        return Ok(false);
    }
    Err(Error::Refused(error))
}

async fn wait_connected(client: &Client) -> Result<Connected, Ended> {
    let mut state = client.state();
    loop {
        let now = state.borrow_and_update().clone();
        match &now {
            State::Connected(connected) => return Ok(connected.clone()),
            State::Ended(ended) => return Err(*ended),
            State::Connecting { .. } => {}
        }
        let settled = state.wait_for(|state| !matches!(state, State::Connecting { .. }));
        if tokio::time::timeout(WAITING_INTERVAL, settled)
            .await
            .is_err()
        {
            let tried = attempts(&state.borrow()).join("; ");
            tracing::warn!(tried, "still waiting for ZooKeeper");
        }
    }
}

fn attempts(state: &State) -> Vec<String> {
    match state {
        State::Connecting { attempts } => attempts.iter().map(Attempt::to_string).collect(),
        State::Connected(_) | State::Ended(_) => Vec::new(),
    }
}
