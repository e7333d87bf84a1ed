//! Brings releases to the containers of a host.
//!
//! Docker asks for a mount when it starts a container (`mounting`): the release that the container
//! is to run is fetched, rendered and laid down before the container starts. Which container that
//! is, is known when it runs (`inventory`). From then on a task of its own (`task`) takes it from one
//! release to the next, as its `subscriber` says: rendered, checked in the container, swapped, acted
//! upon, judged. What came of it is said in ZooKeeper (`acks`), for all containers of an app
//! together.
//!
//! What has to outlive the agent lies beside each mount: which container has it, and what that was
//! told of last. A container that may see something that it was not told of is told, once too often
//! rather than not at all.

mod acks;
mod acting;
mod board;
mod choice;
mod hub;
mod inventory;
mod judging;
mod keeping;
mod laying;
mod member;
mod mounting;
mod plugin;
mod rendering;
mod slot;
mod stops;
mod task;

use self::{acks::Acks, hub::Hub, inventory::Inventory, plugin::Plugin, slot::Slot};
use super::{
    feed::Feeds,
    plugin::{Table, TableError, serve},
    surroundings::Surroundings,
    volume::{self, Remap, Root},
};
use dockeeper_engine::{Engine, watch as engine_watch};
use dockeeper_model::NodeName;
use dockeeper_zk_client::Client;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::UnixListener, sync::watch};

/// What a runner works with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The host.
    pub node: NodeName,
    /// The name of the volume driver: that of the plugin's socket.
    pub driver: String,
    /// The agent's own directory for what does not outlive the machine.
    pub run_dir: PathBuf,
    /// The file that says which volumes were created.
    pub table: PathBuf,
    /// How often everything is compared, whatever events said.
    pub compare_interval: Duration,
    /// The wall clock, in milliseconds since 1970.
    pub now_ms: fn() -> i64,
}

/// Why releases cannot be brought to containers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What lies on the host is in the way.
    #[error(transparent)]
    Volume(#[from] volume::Error),
    /// It cannot be told which volumes were created.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Brings releases to the containers of a host.
pub struct Runner<E> {
    hub: Arc<Hub<E>>,
    changes: engine_watch::Changes,
    session: watch::Receiver<Option<Client>>,
}

/// Tells a runner what to work with. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    session: watch::Sender<Option<Client>>,
    feeds: Feeds,
    surroundings: Surroundings,
}

// === impl Runner ===

impl<E: Engine> Runner<E> {
    /// Takes over what an earlier process has left on the host.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn new(
        config: Config,
        engine: Arc<E>,
        feeds: Feeds,
        surroundings: Surroundings,
    ) -> Result<(Self, Handle), Error> {
        let table = Table::load(&config.table)?;
        let root = Root::open(&config.run_dir, Remap::default())?;
        let (changes, _) = engine_watch::watch(engine.clone(), &engine_watch::Config::default());
        let handle = Handle {
            session: watch::Sender::new(None),
            feeds: feeds.clone(),
            surroundings: surroundings.clone(),
        };
        let hub = Hub::new(config, engine, feeds, surroundings, root, table);
        adopt(&hub)?;
        let runner = Self {
            hub: Arc::new(hub),
            changes,
            session: handle.session.subscribe(),
        };
        Ok((runner, handle))
    }

    /// Serves Docker on the plugin's socket, and works until it is dropped.
    pub async fn run(self, listener: UnixListener) {
        let Self {
            hub,
            changes,
            session,
        } = self;
        let config = &hub.config;
        let acks = Acks::new(&hub.board, &config.node, config.compare_interval, session);
        tokio::join!(
            serve(listener, Arc::new(Plugin(hub.clone()))),
            Inventory::new(hub.clone(), changes).run(),
            keeping::keep(hub.clone()),
            acks.run(),
        );
    }
}

/// Takes over the mounts of an earlier process.
fn adopt<E>(hub: &Hub<E>) -> Result<(), Error> {
    for (volume, id) in hub.root.mounts()? {
        let Some(known) = hub.table.get(&volume) else {
            tracing::warn!(%volume, "leaving a mount of a volume that was not created");
            continue;
        };
        let mount = hub.root.create(&volume, &id)?;
        hub.insert(Arc::new(Slot::new(mount, known.options.config)?));
    }
    Ok(())
}

// === impl Handle ===

impl Handle {
    /// The session to work with; `None` when it is over.
    pub fn set_session(&self, client: Option<Client>) {
        self.feeds.set_session(client.clone());
        self.surroundings.set_session(client.clone());
        self.session.send_replace(client);
    }
}
