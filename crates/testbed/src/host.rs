//! A Docker host: a network of its own, mounts of its own, and a Docker daemon.

use std::{
    ffi::OsStr,
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use parking_lot::RwLock;
use serde_json::{Map, Value};
use tokio::{process::Command, sync::Mutex};

pub use self::image::IMAGE;
use self::{daemon::Daemon, machine::Machine};
use crate::{
    error::{Error, Result},
    node::Node,
    process::Process,
    tool,
};

mod daemon;
mod faults;
pub(crate) mod image;
mod machine;

/// For one `docker` command; pulling is impossible, so nothing takes longer.
const DOCKER_LIMIT: Duration = Duration::from_secs(60);

/// A Docker host, named `h1`, `h2`, ...
#[derive(Debug)]
pub struct Host {
    node: Node,
    /// `None` while the host is dead.
    machine: RwLock<Option<Machine>>,
    /// `None` while Docker is stopped; locked while it changes.
    daemon: Mutex<Option<Daemon>>,
    programs: AtomicU32,
}

impl Host {
    /// Boots the host and imports the image.
    pub(crate) async fn start(setup: Setup) -> Result<Self> {
        let host = Self {
            node: setup.node,
            machine: RwLock::default(),
            daemon: Mutex::default(),
            programs: AtomicU32::default(),
        };
        fs::create_dir_all(host.node.directory())
            .map_err(Error::file("create", host.node.directory()))?;
        daemon::configure(&host.node, setup.network, &setup.options)?;
        host.revive().await?;
        host.docker(&["import", &setup.layer.to_string_lossy(), IMAGE])
            .await?;
        Ok(host)
    }

    /// The host as the network sees it: its name, its address, its directory.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Where its daemon listens, for clients outside. On the host itself it also listens at
    /// Docker's default place.
    #[must_use]
    pub fn docker_socket(&self) -> PathBuf {
        self.node.docker_socket()
    }

    /// Runs the `docker` command against this host and returns its standard output, without the
    /// line break at its end.
    ///
    /// # Errors
    ///
    /// [`Error::Command`] with what it wrote to its standard error, or [`Error::Timeout`] after a
    /// minute.
    pub async fn docker(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("docker");
        command
            .arg("--host")
            .arg(format!("unix://{}", self.docker_socket().display()));
        command
            .env_remove("DOCKER_HOST")
            .env_remove("DOCKER_CONTEXT")
            .args(arguments);
        tool::run(&mut command, DOCKER_LIMIT).await
    }

    /// A command that runs on this host, in its network, its mounts and its host name, with the
    /// root directory as its working directory.
    ///
    /// # Errors
    ///
    /// [`Error::HostDead`].
    pub fn command(&self, program: impl AsRef<OsStr>) -> Result<Command> {
        let machine = self.machine.read();
        let machine = machine.as_ref().ok_or_else(|| self.dead())?;
        Ok(machine.command(program))
    }

    /// Starts a program on this host, with `environment` added to the caller's own.
    ///
    /// # Errors
    ///
    /// [`Error::HostDead`], or [`Error::Run`]. A program that does not exist is an early end of the
    /// process.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn spawn(
        &self,
        program: impl AsRef<Path>,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Process> {
        let program = program.as_ref();
        let mut command = self.command(program)?;
        command.args(arguments).envs(environment.iter().copied());
        let count = self.programs.fetch_add(1, Ordering::Relaxed) + 1;
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        Process::spawn(
            command,
            self.node.directory().join(format!("{count}-{name}.log")),
        )
    }

    fn dead(&self) -> Error {
        Error::HostDead(self.node.name().to_owned())
    }
}

impl AsRef<Node> for Host {
    fn as_ref(&self) -> &Node {
        &self.node
    }
}

/// What a host is made of.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) node: Node,
    /// The network of its containers.
    pub(crate) network: Ipv4Addr,
    /// What to add to the daemon's configuration.
    pub(crate) options: Map<String, Value>,
    /// The only layer of [`IMAGE`].
    pub(crate) layer: PathBuf,
}
