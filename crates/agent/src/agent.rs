//! The agent as a whole: what it consists of, and its life.

use crate::{
    Config, Error, address,
    clock::now_ms,
    configuration::{Configuration, Given},
    facts::{Facts, engine_info},
    presence::Presence,
    session::{Opened, Sessions},
    state_dir::{StateDir, has_session},
    takeover,
};
use dockeeper_api::{Coordination, Listener};
use dockeeper_config::secrets::{self, Identity};
use dockeeper_engine::{
    Docker,
    watch::{Link, Status},
};
use dockeeper_health::{Monitor, monitor, probe::Tls};
use dockeeper_model::{NodeName, NodeRecord, layout};
use dockeeper_recipes::{Tree, tree::Stopped};
use dockeeper_registry::host::{
    self, Elections, EngineExec, Registrar, Settings,
    elections::{self, Ending},
};
use dockeeper_zk_client::{Client, Closed, State};
use std::{io, net::IpAddr, sync::Arc, time::Duration};
use tokio::sync::watch;

/// How long to pause before the host's name is claimed again, after a failure that passes.
const CLAIM_PAUSE: Duration = Duration::from_millis(100);

/// How an agent is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Leave the session for the next start to resume: nothing disappears meanwhile.
    Detach,
    /// End the session: everything of this host disappears at once.
    Leave,
}

/// What runs on each Docker host.
pub struct Agent {
    config: Config,
    node: NodeName,
    address: watch::Sender<IpAddr>,
    facts: Facts,
    state_dir: StateDir,
    /// What decrypts the secrets that this host may read.
    identity: Identity,
    engine: Arc<Docker>,
    engine_status: watch::Receiver<Status>,
    registrar: Registrar<Docker>,
    elections: elections::Handle,
    configuration: Configuration,
    maintenance: Tree,
    over_limit: watch::Receiver<usize>,
    /// What is held for those who ask on the socket; `None` without one.
    coordination: Option<Coordination>,
}

// === impl Agent ===

impl Agent {
    /// Takes the state directory and finds out where the host is reached. Starts the tasks
    /// of health checks and of the socket; talks neither to ZooKeeper nor to Docker yet.
    pub async fn new(config: Config) -> Result<Self, Error> {
        let facts = Facts::read();
        let node = facts.node_name(config.node.as_ref())?;
        let state_dir = StateDir::open(&config.state_dir)?;
        let identity = Identity::load_or_create(&state_dir.identity())?;
        let address = match config.address {
            Some(address) => address::given(address, config.advertise_loopback)?,
            None => {
                address::advertised(&config.zookeeper.servers, config.advertise_loopback).await?
            }
        };
        let engine = Arc::new(Docker::new(&config.docker)?);
        let watch = dockeeper_engine::watch::Config {
            // A stop that began while no agent ran.
            replay: config.stop_hold,
            ..Default::default()
        };
        let (changes, engine_status) = dockeeper_engine::watch(engine.clone(), &watch);
        let checks = monitor::Config {
            seed: fastrand::u64(..),
            tls: Tls::system(),
        };
        let (monitor, checks, verdicts) = Monitor::new(checks, EngineExec(engine.clone()));
        tokio::spawn(monitor.run());
        let maintenance = Tree::new(layout::MAINTENANCE);
        let registrar = Registrar::new(
            registrar_config(&config, &node, address),
            engine.clone(),
            changes,
            checks,
            verdicts,
            maintenance.clone(),
        );
        let (campaigns, elections) = Elections::new(
            elections_config(&config, &node, &facts, &state_dir),
            engine.clone(),
            registrar.elections(),
        );
        tokio::spawn(campaigns.run());
        let configuration = Configuration::start(Given {
            config: &config,
            node: &node,
            facts: &facts,
            state_dir: &state_dir,
            identity: &identity,
            address: registrar.address().subscribe(),
            engine: engine.clone(),
            engine_status: engine_status.clone(),
        });
        let configuration = configuration.await;
        let coordination = answer(&config, &node, &facts, engine.clone(), &registrar).await?;
        Ok(Self {
            config,
            node,
            address: registrar.address(),
            facts,
            state_dir,
            identity,
            engine,
            engine_status,
            over_limit: registrar.over_limit(),
            registrar,
            elections,
            configuration,
            maintenance,
            coordination,
        })
    }

    /// The host's name in the cluster.
    pub fn node(&self) -> &NodeName {
        &self.node
    }

    /// The machine's host name.
    pub fn hostname(&self) -> &str {
        &self.facts.hostname
    }

    /// Runs until `stop` says how to end, or until nothing but a person can help. What is held for
    /// others is released then: without this process nobody would know when they end.
    pub async fn run(mut self, stop: impl Future<Output = Stop>) -> Result<(), Error> {
        let coordination = self.coordination.take();
        let ended = self.register(stop).await;
        if let Some(coordination) = coordination {
            coordination.close().await;
        }
        ended
    }

    /// Keeps the host registered, with one session after the other.
    async fn register(mut self, stop: impl Future<Output = Stop>) -> Result<(), Error> {
        let address = *self.address.borrow();
        tracing::info!(node = %self.node, %address, "starting");
        let mut stop = std::pin::pin!(stop);
        loop {
            let sessions = Sessions::new(&self.config.zookeeper, &self.state_dir, &self.node);
            let opened = tokio::select! {
                opened = sessions.open() => opened?,
                stopped = &mut stop => return self.stopped_before_it_began(stopped),
            };
            let Opened {
                client,
                is_resumed,
                session_timeout,
            } = opened;
            let (twins, seen_twins) = watch::channel(0);
            let stopped = tokio::select! {
                over = self.serve(&client, session_timeout, twins) => match over {
                    Ok(()) => None,
                    Err(fatal) => return Err(self.give_up(client, fatal).await),
                },
                () = takeover::watch(&client, is_resumed, seen_twins) => {
                    return Err(self.give_up(client, self.shared_session()).await);
                }
                stopped = &mut stop => Some(stopped),
            };
            if let Some(stop) = stopped {
                self.elections.end(stop.ending()).await;
            }
            match stopped {
                None => {
                    self.elections.set_session(None);
                    self.configuration.set_session(None);
                    tracing::warn!("the session with ZooKeeper is over; beginning a new one");
                }
                Some(Stop::Detach) => {
                    client.detach().await;
                    tracing::info!("left the session to be resumed");
                    return Ok(());
                }
                Some(Stop::Leave) => return self.leave(client, session_timeout).await,
            }
        }
    }

    /// Ends a session, which is kept where no server could be told.
    async fn leave(&self, client: Client, session_timeout: Duration) -> Result<(), Error> {
        match client.close().await {
            Closed::Ended => {
                self.state_dir.forget();
                tracing::info!("left: nothing of this host is registered any more");
                Ok(())
            }
            Closed::Untold { attempts, .. } => Err(Error::Untold {
                path: self.state_dir.path().to_owned(),
                session_timeout: Some(session_timeout),
                attempts,
            }),
        }
    }

    /// Ends without a connection: what an earlier session has registered stays as it is.
    fn stopped_before_it_began(&self, stop: Stop) -> Result<(), Error> {
        let path = self.state_dir.path();
        if stop == Stop::Leave && has_session(path)? {
            return Err(Error::Untold {
                path: path.to_owned(),
                session_timeout: None,
                attempts: Vec::new(),
            });
        }
        Ok(())
    }

    fn shared_session(&self) -> Error {
        Error::StateDir {
            action: "go on with the session of",
            path: self.state_dir.path().to_owned(),
            error: io::Error::other(
                "another agent uses it, and had it before; the directory, or that of the other \
                 agent, is a copy",
            ),
        }
    }

    /// Parts with a session that cannot be gone on with.
    async fn give_up(&self, client: Client, fatal: Error) -> Error {
        let ending = match fatal {
            Error::NodeTaken { .. } => Ending::Resign,
            _ => Ending::Leave,
        };
        self.elections.end(ending).await;
        match fatal {
            // Under the other agent's name nothing of this one may stay, not even while something
            // starts it again and again.
            Error::NodeTaken { .. } => {
                if client.close().await == Closed::Ended {
                    self.state_dir.forget();
                }
            }
            // It is the other agent's.
            Error::StateDir { .. } => {
                client.detach().await;
                self.state_dir.forget();
            }
            _ => client.detach().await,
        }
        fatal
    }

    /// Works with a session until it is over.
    async fn serve(
        &mut self,
        client: &Client,
        session_timeout: Duration,
        twins: watch::Sender<usize>,
    ) -> Result<(), Error> {
        let record = self.record(None);
        let presence = Presence::new(client, &self.node, session_timeout, twins);
        while let Err(claim) = presence.claim(&record).await {
            if let Some(fatal) = claim.fatal(&self.node) {
                return Err(fatal);
            }
            if matches!(*client.state().borrow(), State::Ended(_)) {
                return Ok(());
            }
            tokio::time::sleep(CLAIM_PAUSE).await;
        }
        tracing::info!(node = %self.node, "the node name is this agent's: registering containers");
        self.elections.set_session(Some(client.clone()));
        self.configuration.set_session(Some(client.clone()));
        let (said, heard) = watch::channel(record.clone());
        let describing = Describing {
            record,
            said,
            engine: self.engine.clone(),
            engine_status: self.engine_status.clone(),
            over_limit: self.over_limit.clone(),
            address: self.address.subscribe(),
        };
        let addresses = address::Watch {
            servers: &self.config.zookeeper.servers,
            allow_loopback: self.config.advertise_loopback,
            interval: self.config.compare_interval,
            address: self.address.clone(),
        };
        let is_given = self.config.address.is_some();
        tokio::select! {
            () = self.registrar.run(client) => {}
            () = follow(&self.maintenance, client) => {}
            () = describing.run() => {}
            () = secrets::upkeep(client, &self.node, &self.identity) => {}
            lost = presence.keep(heard, self.config.compare_interval) => {
                if let Some(fatal) = lost.fatal(&self.node) {
                    return Err(fatal);
                }
            }
            () = addresses.keep(client), if !is_given => {}
        }
        Ok(())
    }

    fn record(&self, engine: Option<dockeeper_model::node::EngineInfo>) -> NodeRecord {
        NodeRecord {
            address: self.address.borrow().to_string(),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            agent_started_ms: self.facts.started_ms,
            boot_id: self.facts.boot_id.clone(),
            hostname: self.facts.hostname.clone(),
            engine,
            engine_lost_ms: None,
            over_limit: 0,
        }
    }
}

// === impl Stop ===

impl Stop {
    /// What becomes of the places in elections, which are the session's.
    fn ending(self) -> Ending {
        match self {
            Self::Detach => Ending::Leave,
            Self::Leave => Ending::Resign,
        }
    }
}

/// Says what is new of the host.
struct Describing {
    record: NodeRecord,
    said: watch::Sender<NodeRecord>,
    engine: Arc<Docker>,
    engine_status: watch::Receiver<Status>,
    over_limit: watch::Receiver<usize>,
    address: watch::Receiver<IpAddr>,
}

// === impl Describing ===

impl Describing {
    async fn run(mut self) {
        loop {
            let (link, has_failed) = {
                let status = self.engine_status.borrow_and_update();
                (status.link, status.last_error.is_some())
            };
            match link {
                Link::Connecting if !has_failed => {}
                Link::Up => {
                    self.record.engine = engine_info(&*self.engine).await.or(self.record.engine);
                    self.record.engine_lost_ms = None;
                }
                Link::Connecting | Link::Down => {
                    self.record.engine_lost_ms.get_or_insert_with(now_ms);
                }
            }
            self.record.over_limit = *self.over_limit.borrow_and_update();
            self.record.address = self.address.borrow_and_update().to_string();
            self.said.send_replace(self.record.clone());
            let changed = tokio::select! {
                changed = self.engine_status.changed() => changed,
                changed = self.over_limit.changed() => changed,
                changed = self.address.changed() => changed,
            };
            if changed.is_err() {
                // Whoever told is gone, and with it the agent.
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Mirrors what is out of service until the session is over.
async fn follow(maintenance: &Tree, client: &Client) {
    let tell = |stopped: Stopped| tracing::error!(?stopped, "cannot read what is out of service");
    maintenance.run_on(client, tell).await;
}

/// Answers those who ask on the socket; `None` without one.
async fn answer(
    config: &Config,
    node: &NodeName,
    facts: &Facts,
    engine: Arc<Docker>,
    registrar: &Registrar<Docker>,
) -> Result<Option<Coordination>, Error> {
    let Some(socket) = &config.socket else {
        return Ok(None);
    };
    let listener = Listener::bind(socket).await?;
    let coordination = coordinate(config, node, facts, engine);
    let (reports, answering) = (registrar.reports(), coordination.clone());
    tokio::spawn(dockeeper_api::serve(listener, reports, answering));
    Ok(Some(coordination))
}

/// Starts to hold for others.
fn coordinate(
    config: &Config,
    node: &NodeName,
    facts: &Facts,
    engine: Arc<Docker>,
) -> Coordination {
    let config = dockeeper_api::Config {
        zookeeper: config.zookeeper.clone(),
        node: node.clone(),
        host: facts.hostname.clone(),
        now_ms,
    };
    let (coordination, deaths) = Coordination::new(config, engine);
    tokio::spawn(deaths.run());
    coordination
}

fn registrar_config(config: &Config, node: &NodeName, address: IpAddr) -> host::Config {
    host::Config {
        settings: Settings {
            node: node.clone(),
            address,
            internal: config.internal,
            explicit: config.explicit,
            advertise_loopback: config.advertise_loopback,
            compose_name: config.compose_name,
            payload: config.payload,
            stop_hold: config.stop_hold,
        },
        chroot: config.zookeeper.servers.chroot().to_owned(),
        compare_interval: config.compare_interval,
        now_ms,
    }
}

fn elections_config(
    config: &Config,
    node: &NodeName,
    facts: &Facts,
    state_dir: &StateDir,
) -> elections::Config {
    elections::Config {
        node: node.clone(),
        hostname: facts.hostname.clone(),
        chroot: config.zookeeper.servers.chroot().to_owned(),
        journal: state_dir.elections(),
        now_ms,
        clock: config.zookeeper.clock.clone(),
    }
}
