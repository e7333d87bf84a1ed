use crate::{
    caller::{ByEngine, Caller, Containers},
    config::Config,
    deaths::Deaths,
    holds::Holds,
    peer::Peer,
    problem::Problem,
    reader::Reader,
};
use dockeeper_engine::Engine;
use std::{sync::Arc, time::Duration};
use tokio::time;

/// For how long the end of an agent waits for that of the holds. Its own session is to be resumed
/// by the next start, and does not wait.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Locks and their kin for those who ask on the socket: a cheap handle, to be cloned at will.
#[derive(Clone)]
pub struct Coordination {
    pub(crate) holds: Holds,
    pub(crate) reader: Arc<Reader>,
    containers: Arc<dyn Containers>,
}

// === impl Coordination ===

impl Coordination {
    /// The handle, and the service that releases what ended containers held.
    pub fn new<E: Engine>(config: Config, engine: Arc<E>) -> (Self, Deaths<E>) {
        let coordination = Self::with(config, Arc::new(ByEngine(engine.clone())));
        let deaths = Deaths::new(engine, coordination.holds.clone());
        (coordination, deaths)
    }

    pub(crate) fn with(config: Config, containers: Arc<dyn Containers>) -> Self {
        Self {
            reader: Arc::new(Reader::new(config.zookeeper.clone())),
            holds: Holds::new(config),
            containers,
        }
    }

    /// Releases everything and takes nothing more. Sessions that cannot be ended within a second
    /// expire.
    pub async fn close(&self) {
        let closing = async { tokio::join!(self.holds.close(), self.reader.close()) };
        if time::timeout(CLOSE_LIMIT, closing).await.is_err() {
            tracing::warn!("ZooKeeper did not end the sessions of all holds in time; they expire");
        }
    }

    pub(crate) async fn identify(&self, peer: &Peer) -> Result<Caller, Problem> {
        Caller::identify(peer, &*self.containers).await
    }

    /// Whether the container that something is for runs still.
    pub(crate) async fn goes_on(&self, caller: &Caller) -> Result<bool, Problem> {
        match &caller.run {
            Some(run) => run.goes_on(&*self.containers).await,
            None => Ok(false),
        }
    }
}
