//! One server of the ensemble.

use std::{
    net::{SocketAddr, SocketAddrV4},
    sync::Arc,
    time::Duration,
};

use tokio::sync::Mutex;

use super::{
    config::{CLIENT_PORT, Config},
    tls::SECURE_PORT,
    words::{self, Status},
};
use crate::{error::Result, node::Node, process::Process, wait};

/// Takes a quarter of a second alone on an idle machine.
const START_LIMIT: Duration = Duration::from_secs(30);

/// An election takes a second; one under full load a few, and it may fail and be repeated.
const SERVE_LIMIT: Duration = Duration::from_secs(60);

const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A `ZooKeeper` server, named `zk1`, `zk2`, ...
#[derive(Debug)]
pub struct Server {
    node: Node,
    config: Arc<Config>,
    /// `None` while the server is down; locked while it changes.
    process: Mutex<Option<Process>>,
}

impl Server {
    pub(super) fn new(node: Node, config: Arc<Config>) -> Self {
        Self {
            node,
            config,
            process: Mutex::default(),
        }
    }

    /// The server as the network sees it: its name, its address, its directory.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddrV4::new(self.node.address(), CLIENT_PORT).into()
    }

    /// Where clients connect with TLS, if the testbed was asked for it.
    #[must_use]
    pub fn secure_address(&self) -> SocketAddr {
        SocketAddrV4::new(self.node.address(), SECURE_PORT).into()
    }

    /// Sends a four-letter word from the caller's network.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Timeout`] after two seconds.
    pub async fn ask(&self, word: &str) -> Result<String> {
        words::ask(self.address(), word).await
    }

    /// What it says about itself; `None` while it does not serve, as without a quorum.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Timeout`] if it cannot be reached.
    pub async fn status(&self) -> Result<Option<Status>> {
        self.ask("srvr").await.map(|answer| Status::parse(&answer))
    }

    /// Starts the server on the data that is there, and waits until it answers `ruok`, which it
    /// also does without a quorum. It does nothing if the server runs.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Start`] with the end of the log.
    pub async fn start(&self) -> Result<()> {
        self.launch().await?;
        if let Some(process) = &*self.process.lock().await {
            let step = format!("start of {}", self.node.name());
            let probe = async || match self.ask("ruok").await {
                Ok(answer) if answer == "imok" => Ok(()),
                Ok(answer) => Err(answer),
                Err(error) => Err(error.to_string()),
            };
            process.ready(&step, START_LIMIT, probe).await?;
        }
        Ok(())
    }

    /// Starts the process without waiting for anything.
    pub(super) async fn launch(&self) -> Result<()> {
        let mut process = self.process.lock().await;
        let running = match &*process {
            Some(process) => process.is_running().await?,
            None => false,
        };
        if !running {
            let log = self.node.directory().join("zookeeper.log");
            *process = Some(Process::spawn(self.config.command(&self.node), log)?);
        }
        Ok(())
    }

    /// Waits until it serves requests, alone or as part of a quorum.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Timeout`] with its last answer.
    pub async fn serving(&self) -> Result<Status> {
        let what = format!("{} serving requests", self.node.name());
        wait::until(what, SERVE_LIMIT, async || match self.ask("srvr").await {
            Ok(answer) => Status::parse(&answer).ok_or(answer),
            Err(error) => Err(error.to_string()),
        })
        .await
    }

    /// The server's process; `None` while it is down.
    pub async fn pid(&self) -> Option<u32> {
        self.process.lock().await.as_ref().map(Process::pid)
    }

    /// Ends the server with SIGTERM. It does nothing if the server is down.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Timeout`] if it does not end.
    pub async fn stop(&self) -> Result<()> {
        let mut process = self.process.lock().await;
        if let Some(process) = &*process {
            process.terminate()?;
            process.wait(STOP_LIMIT).await?;
        }
        *process = None;
        Ok(())
    }

    /// Ends the server with SIGKILL. It does nothing if the server is down.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Signal`].
    pub async fn kill(&self) -> Result<()> {
        let mut process = self.process.lock().await;
        if let Some(process) = &*process {
            process.kill().await?;
        }
        *process = None;
        Ok(())
    }

    /// Stops the server where it stands, as a long garbage collection does.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Signal`].
    pub async fn freeze(&self) -> Result<()> {
        match &*self.process.lock().await {
            Some(process) => process.freeze().await,
            None => Ok(()),
        }
    }

    /// Lets a frozen server run on.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Signal`].
    pub async fn thaw(&self) -> Result<()> {
        self.process
            .lock()
            .await
            .as_ref()
            .map_or(Ok(()), Process::thaw)
    }
}

impl AsRef<Node> for Server {
    fn as_ref(&self) -> &Node {
        &self.node
    }
}
