//! Has configuration brought to the host's containers.

use crate::{
    Config,
    clock::now_ms,
    facts::Facts,
    state_dir::StateDir,
    surroundings::{Host, Registered},
};
use dockeeper_api::Listener;
use dockeeper_config::{
    host::{
        cache::Cache,
        feed::Feeds,
        runner::{self, Runner},
        surroundings::{self, Surroundings},
    },
    secrets::Identity,
};
use dockeeper_engine::{Docker, watch::Status};
use dockeeper_model::NodeName;
use dockeeper_zk_client::Client;
use std::{fs, io, net::IpAddr, path::Path, sync::Arc};
use tokio::{sync::watch, task::AbortHandle};

/// The name of the volume driver where the socket's name is none.
const DRIVER_DEFAULT: &str = "dockeeper";

/// The option that says where the socket is.
const OPTION: &str = "--plugin-socket";

/// Why no configuration is brought to containers.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("mounting volumes takes root")]
    NotRoot,
    #[error("cannot make the run directory {}: {error}; choose another with --run-dir", .path.display())]
    RunDir {
        path: std::path::PathBuf,
        error: io::Error,
    },
    #[error(transparent)]
    Socket(#[from] dockeeper_api::Error),
    #[error(transparent)]
    Runner(#[from] runner::Error),
}

/// What it is about the host that configuration depends on.
pub(crate) struct Given<'a> {
    pub(crate) config: &'a Config,
    pub(crate) node: &'a NodeName,
    pub(crate) facts: &'a Facts,
    pub(crate) state_dir: &'a StateDir,
    pub(crate) identity: &'a Identity,
    pub(crate) address: watch::Receiver<IpAddr>,
    pub(crate) engine: Arc<Docker>,
    pub(crate) engine_status: watch::Receiver<Status>,
}

/// Configuration is brought to the host's containers as long as this lives, if it can be.
pub(crate) struct Configuration(Option<(runner::Handle, AbortHandle)>);

// === impl Configuration ===

impl Configuration {
    /// Begins, without a session yet. Where it cannot be done, the log says why, and the agent does
    /// everything else.
    pub(crate) async fn start(given: Given<'_>) -> Self {
        let Some(socket) = &given.config.plugin_socket else {
            return Self(None);
        };
        match given.start(socket).await {
            Ok(started) => Self(Some(started)),
            Err(error) => {
                tracing::warn!(
                    %error,
                    "volumes with configuration are not served on this host; `{OPTION} none` says \
                     that this is meant"
                );
                Self(None)
            }
        }
    }

    /// The session to work with; `None` when it is over.
    pub(crate) fn set_session(&self, client: Option<Client>) {
        if let Self(Some((handle, _))) = self {
            handle.set_session(client);
        }
    }
}

impl Drop for Configuration {
    fn drop(&mut self) {
        if let Self(Some((_, task))) = self {
            task.abort();
        }
    }
}

// === impl Given ===

impl Given<'_> {
    async fn start(self, socket: &Path) -> Result<(runner::Handle, AbortHandle), Error> {
        if !rustix::process::geteuid().is_root() {
            return Err(Error::NotRoot);
        }
        let run_dir = &self.config.run_dir;
        fs::create_dir_all(run_dir).map_err(|error| Error::RunDir {
            path: run_dir.clone(),
            error,
        })?;
        // Taken first: who has it is the one agent that works in the run directory.
        let listener = Listener::bind_private(socket, OPTION).await?;
        let feeds = Feeds::new(
            Cache::new(&self.state_dir.configuration()),
            self.config.compare_interval,
        );
        let surroundings = self.surroundings(&feeds);
        let config = runner::Config {
            node: self.node.clone(),
            driver: driver(socket),
            run_dir: run_dir.clone(),
            table: self.state_dir.volumes(),
            compare_interval: self.config.compare_interval,
            now_ms,
        };
        let (runner, handle) = Runner::new(config, self.engine, feeds, surroundings)?;
        let serving = listener.serve_with(|listener| runner.run(listener));
        Ok((handle, tokio::spawn(serving).abort_handle()))
    }

    fn surroundings(&self, feeds: &Feeds) -> Surroundings {
        let (told, node) = watch::channel(None);
        let host = Host {
            name: self.node.clone(),
            hostname: self.facts.hostname.clone(),
            address: self.address.clone(),
            engine_status: self.engine_status.clone(),
            compare_interval: self.config.compare_interval,
        };
        tokio::spawn(host.describe(self.engine.clone(), told));
        Surroundings::new(surroundings::Config {
            cluster: Arc::new(Registered),
            apps: Arc::new(feeds.clone()),
            identity: self.identity.clone(),
            node,
            cache: self.state_dir.answers(),
        })
    }
}

/// Docker calls a driver like its socket.
fn driver(socket: &Path) -> String {
    let stem = socket.file_stem().and_then(|stem| stem.to_str());
    stem.unwrap_or(DRIVER_DEFAULT).to_owned()
}
