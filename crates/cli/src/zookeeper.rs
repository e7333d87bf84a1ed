//! A session with ZooKeeper for the time of a command.

mod address;
mod auth;
mod connection;
mod data;
mod explain;
mod tls;
mod tls_option;

pub(crate) use self::{
    address::{Address, LOCAL},
    auth::{Auth, AuthOption},
    connection::Connection,
    explain::{of_default, request},
    tls::Tls,
    tls_option::tls_option,
};

use crate::{args::Global, exit::Failure, interrupt, output, tree::tally::Paths};
use auth::Identity;
use dockeeper_registry::cluster::Scope;
use dockeeper_zk_client::{Client, Config, ConnectString, CreateMode, State};
use std::{io::IsTerminal, time::Duration};
use tokio::time;

/// How long to wait silently for a connection, before a person is told what is waited for.
const SILENCE: Duration = Duration::from_secs(2);

/// How long a session's end may take. Without an answer it ends by itself with its time-out.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// The longest request that is sent, so much that the server's own limit decides: no server takes as
/// much.
const REQUEST_LEN_MAX: usize = 128 << 20;

/// A session that is connected.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) servers: ConnectString,
    identity: Identity,
    config: Config,
}

/// Connects where Dockeeper lives, does some work, and ends the session whatever came of it.
pub(crate) async fn with<T>(
    global: &Global,
    work: impl AsyncFnOnce(&Session) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_servers(global, servers(global)?, work).await
}

/// The same where all of ZooKeeper is, below the chroot that was given, if any.
pub(crate) async fn with_tree<T>(
    global: &Global,
    work: impl AsyncFnOnce(&Session) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_servers(global, tree_servers(global)?, work).await
}

/// The same at one of the command line's places.
pub(crate) async fn with_servers<T>(
    global: &Global,
    servers: ConnectString,
    work: impl AsyncFnOnce(&Session) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config = config(global, servers)?;
    let result = with_config(config, AuthOption::ZK, global.timeout(), work).await;
    match address(global)?.is_default {
        true => result.map_err(of_default),
        false => result,
    }
}

/// The same for what makes a missing chroot, which no session below it can: a session without one,
/// and the chroot.
pub(crate) async fn with_root<T>(
    global: &Global,
    work: impl AsyncFnOnce(&Session, &str) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let servers = &address(global)?.tree;
    let config = config(global, servers.with_chroot("/")?)?;
    let work = async |session: &Session| work(session, servers.chroot()).await;
    with_config(config, AuthOption::ZK, global.timeout(), work).await
}

/// The same with a client that is configured already, and where its credentials came from.
pub(crate) async fn with_config<T>(
    config: Config,
    option: AuthOption,
    limit: Duration,
    work: impl AsyncFnOnce(&Session) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let session = Session::begin(config, option);
    let result = tokio::select! {
        // First, so that signals are taken before anything has begun.
        biased;
        interrupted = interrupt::interrupted() => {
            Err(interrupted.map_or_else(Into::into, Into::into))
        }
        result = async {
            session.connected(limit).await?;
            work(&session).await
        } => result,
    };
    let result = result.map_err(|error| session.explain(error));
    session.end().await;
    result
}

/// How a command's client is configured, for the servers of the command line or some of them.
pub(crate) fn config(global: &Global, servers: ConnectString) -> Result<Config, Failure> {
    let auths = global.zk_auth.as_slice();
    config_as(global, servers, auths, AuthOption::ZK, &global.tls)
}

/// The same, acting for others or reached in another way.
pub(crate) fn config_as(
    global: &Global,
    servers: ConnectString,
    auths: &[Auth],
    option: AuthOption,
    tls: &Tls,
) -> Result<Config, Failure> {
    let mut config = Config::new(servers);
    config.request_timeout = global.timeout();
    config.request_len_max = REQUEST_LEN_MAX;
    config.connect = tls.connect()?;
    for auth in auths.iter().filter(|auth| !auth.is_empty()) {
        config = config.with_digest(auth.digest(option)?);
    }
    Ok(config)
}

/// The servers of the command line, and all of ZooKeeper there.
pub(crate) fn tree_servers(global: &Global) -> Result<ConnectString, Failure> {
    address(global).map(|address| address.tree.clone())
}

/// The servers of the command line, and where Dockeeper lives there.
pub(crate) fn servers(global: &Global) -> Result<ConnectString, Failure> {
    address(global).map(|address| address.home.clone())
}

/// What the `zk` commands see before the paths of a session with these servers.
pub(crate) fn tree_prefix(global: &Global, servers: &ConnectString) -> Result<String, Failure> {
    let tree = tree_servers(global)?;
    let [tree, chroot] = [&tree, servers].map(|servers| servers.chroot().trim_end_matches('/'));
    Ok(chroot.strip_prefix(tree).unwrap_or(chroot).to_owned())
}

fn address(global: &Global) -> Result<&Address, Failure> {
    global.zk.as_ref().ok_or_else(|| {
        Failure::usage(
            "where is ZooKeeper? Give --zk HOST:PORT[,HOST:PORT...][/CHROOT], or set DOCKEEPER_ZK; \
             only commands that change nothing have a default",
        )
    })
}

// === impl Session ===

impl Session {
    pub(crate) fn begin(config: Config, option: AuthOption) -> Self {
        Self {
            identity: Identity {
                has_credentials: !config.credentials.is_empty(),
                option,
            },
            servers: config.servers.clone(),
            client: Client::connect(config.clone()),
            config,
        }
    }

    /// Waits for a connection.
    pub(crate) async fn connected(&self, limit: Duration) -> anyhow::Result<()> {
        let connected = self.client.connected(limit);
        tokio::pin!(connected);
        let result = tokio::select! {
            result = &mut connected => result,
            () = self.tell_the_wait() => connected.await,
        };
        result
            .map_err(|why| explain::not_connected(&self.servers, &self.identity, &why).into())
            .map(drop)
    }

    /// Whether there is a connection just now.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(&*self.client.state().borrow(), State::Connected(_))
    }

    /// Makes the chroot where nothing of Dockeeper's has ever been: requests below it fail.
    pub(crate) async fn make_chroot(&self) -> anyhow::Result<()> {
        if self.client.exists("/").await?.is_some() {
            return Ok(());
        }
        let config = Config {
            servers: self.servers.with_chroot("/")?,
            ..self.config.clone()
        };
        let root = Client::connect(config);
        let made = root
            .create_all(self.servers.chroot(), CreateMode::Persistent)
            .await;
        drop(time::timeout(CLOSE_LIMIT, root.close()).await);
        Ok(made?)
    }

    /// A session that nobody ends stands in the server's list until its time-out.
    pub(crate) async fn end(self) {
        drop(time::timeout(CLOSE_LIMIT, self.client.close()).await);
    }

    async fn tell_the_wait(&self) {
        time::sleep(SILENCE).await;
        if std::io::stderr().is_terminal() {
            let attempts = match &*self.client.state().borrow() {
                State::Connecting { attempts } => explain::attempts(attempts),
                State::Connected(_) | State::Ended(_) => String::new(),
            };
            output::note(&format!("waiting for ZooKeeper...\n{attempts}"));
        }
    }

    /// Fails unless Dockeeper has been here and these scopes can be read.
    pub(crate) async fn check(&self, scopes: &[Scope]) -> anyhow::Result<()> {
        data::check(self, scopes).await
    }

    /// Gives the failure of a request its exit code and its advice.
    pub(crate) fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        explain::error(error, &self.servers, &self.identity)
    }

    /// The failure of a command that has done its work but for some znodes, which may not be read.
    pub(crate) fn unreadable(&self, paths: &Paths, consequence: &str) -> Failure {
        explain::unreadable(&self.servers, &self.identity, paths, consequence)
    }
}
