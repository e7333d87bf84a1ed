//! A `ZooKeeper` ensemble: servers of Apache's, or a single one of our own, each in a network
//! namespace of its own.

use std::{sync::Arc, time::Duration};

pub use self::{
    config::CLIENT_PORT,
    server::Server,
    tls::{SECURE_PORT, Tls},
    words::{Mode, Status, ask},
};
use crate::{error::Result, node::Node, wait};

pub(crate) mod config;
mod server;
mod tls;
mod words;

use config::Config;

/// Detecting a dead leader and electing another takes about a second; a frozen or unreachable
/// one takes three more to be detected.
const LEADER_LIMIT: Duration = Duration::from_secs(60);

/// All `ZooKeeper` servers of a testbed.
#[derive(Debug)]
pub struct Ensemble {
    servers: Vec<Server>,
}

impl Ensemble {
    /// Starts all servers, and waits until all serve.
    pub(crate) async fn start(nodes: Vec<Node>, config: Config) -> Result<Self> {
        for index in 0..nodes.len() {
            config.install(&nodes, index)?;
        }
        let config = Arc::new(config);
        let server = |node| Server::new(node, Arc::clone(&config));
        let ensemble = Self {
            servers: nodes.into_iter().map(server).collect(),
        };
        ensemble.start_all().await?;
        Ok(ensemble)
    }

    /// All servers, `zk1` first.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The server with this index, from 0.
    ///
    /// # Panics
    ///
    /// If the testbed has fewer servers.
    #[must_use]
    pub fn server(&self, index: usize) -> &Server {
        &self.servers[index]
    }

    /// What a client connects to: `address:port,...`, without a chroot.
    #[must_use]
    pub fn connect_string(&self) -> String {
        let addresses = self
            .servers
            .iter()
            .map(|server| server.address().to_string());
        addresses.collect::<Vec<_>>().join(",")
    }

    /// What a client connects to with TLS, if the servers were given it: `address:port,...`.
    #[must_use]
    pub fn secure_connect_string(&self) -> String {
        let servers = self.servers.iter();
        let addresses = servers.map(|server| server.secure_address().to_string());
        addresses.collect::<Vec<_>>().join(",")
    }

    /// Waits until there is a leader, and returns it; a lone server is its own.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Timeout`] after a minute without one.
    pub async fn leader(&self) -> Result<&Server> {
        wait::until("a ZooKeeper leader", LEADER_LIMIT, async || {
            for server in &self.servers {
                let status = server.status().await.ok().flatten();
                if status.is_some_and(|s| matches!(s.mode, Mode::Leader | Mode::Standalone)) {
                    return Ok(server);
                }
            }
            Err("no server says that it leads".to_owned())
        })
        .await
    }

    /// Kills the leader and returns it, so that it can be started again.
    ///
    /// # Errors
    ///
    /// Those of [`Ensemble::leader`] and [`Server::kill`].
    pub async fn kill_leader(&self) -> Result<&Server> {
        let leader = self.leader().await?;
        leader.kill().await?;
        Ok(leader)
    }

    /// Ends all servers with SIGTERM.
    ///
    /// # Errors
    ///
    /// Those of [`Server::stop`].
    pub async fn stop_all(&self) -> Result<()> {
        for server in &self.servers {
            server.stop().await?;
        }
        Ok(())
    }

    /// Starts all servers that are down, on the data that is there, and waits until all serve.
    ///
    /// # Errors
    ///
    /// Those of [`Server::start`] and [`Server::serving`].
    pub async fn start_all(&self) -> Result<()> {
        for server in &self.servers {
            server.launch().await?;
        }
        for server in &self.servers {
            server.start().await?;
        }
        for server in &self.servers {
            server.serving().await?;
        }
        Ok(())
    }
}
