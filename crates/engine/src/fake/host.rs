use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::Executed;
use super::feed::{Events, Feed};
use crate::container::{Env, Health, NetworkAddress, State, Summary, VolumeMount};
use crate::{Action, Container, ContainerId, Event, Exec, Since};

/// When a fake engine's clock starts, and how much later each event is than the one before.
const START_NS: i64 = 1_700_000_000_000_000_000;
const STEP_NS: i64 = 1_000_000;

const NANOSECONDS_PER_MS: i64 = 1_000_000;

/// The network that every container is attached to unless the test says otherwise.
pub(super) const BRIDGE: &str = "bridge";

/// Below the number of every container's process: no test shall find a real one by accident.
const FIRST_PID: u32 = 1 << 30;

/// The signals that end a process.
pub(super) const SIGKILL: i32 = 9;
pub(super) const SIGTERM: i32 = 15;

/// What a shell, and the engine, add to the number of the signal that ended a process.
const KILLED: i32 = 128;

/// What a fake engine consists of.
pub(super) struct Host {
    pub(super) containers: BTreeMap<ContainerId, Container>,
    pub(super) volumes: BTreeMap<ContainerId, Vec<VolumeMount>>,
    pub(super) feed: Feed,
    pub(super) reachable: bool,
    pub(super) exec: Exec,
    pub(super) executed: Vec<Executed>,
    random: fastrand::Rng,
    now_ns: i64,
    addresses: u32,
    pids: u32,
}

/// Whether a container in this state has a process.
pub(super) fn runs(state: State) -> bool {
    matches!(state, State::Running | State::Paused)
}

impl Host {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        Self {
            containers: BTreeMap::new(),
            volumes: BTreeMap::new(),
            feed: Feed::new(random.u64(..)),
            reachable: true,
            exec: Exec {
                exit_code: 0,
                output: String::new(),
                truncated: false,
            },
            executed: vec![],
            random,
            now_ns: START_NS,
            addresses: 0,
            pids: FIRST_PID,
        }
    }

    pub(super) fn emit(&mut self, id: ContainerId, action: Action) {
        self.now_ns += STEP_NS;
        self.feed.publish(Event {
            id,
            action,
            time_ns: self.now_ns,
        });
    }

    /// Opens a stream of events, a moment after the last one.
    pub(super) fn subscribe(&mut self, since: Since) -> Events {
        self.feed.subscribe(since.time_ns(self.now_ns + 1))
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.now_ns / NANOSECONDS_PER_MS
    }

    /// A container that is not started yet, and that nobody has heard of.
    pub(super) fn blank(&mut self, name: &str) -> Container {
        let mut id = [0; 32];
        self.random.fill(&mut id);
        let id = ContainerId::from_bytes(id);
        Container {
            id,
            name: name.to_owned(),
            image: "busybox:local".to_owned(),
            image_id: format!("sha256:{}", "b".repeat(64)),
            created_ms: self.now_ms(),
            started_at_ms: 0,
            state: State::Created,
            exit_code: 0,
            health: Health::None,
            health_output: String::new(),
            health_check: None,
            env: Env::default(),
            labels: BTreeMap::new(),
            hostname: id.short(),
            network_mode: BRIDGE.to_owned(),
            networks: BTreeMap::from([(BRIDGE.to_owned(), NetworkAddress::default())]),
            ports: Vec::new(),
            stop_signal: "SIGTERM".to_owned(),
            stop_timeout_s: 10,
            restart_count: 0,
            pid: 0,
        }
    }

    pub(super) fn summary(&self, container: &Container) -> Summary {
        Summary {
            id: container.id,
            name: container.name.clone(),
            image: container.image.clone(),
            state: container.state,
            labels: container.labels.clone(),
            volumes: self.volumes.get(&container.id).cloned().unwrap_or_default(),
        }
    }

    /// An address that no container has had.
    pub(super) fn address(&mut self) -> NetworkAddress {
        self.addresses += 1;
        let first = u32::from(Ipv4Addr::new(172, 17, 0, 1));
        NetworkAddress {
            ipv4: Some(Ipv4Addr::from(first + self.addresses)),
            ipv6: None,
        }
    }

    /// Changes a container, and then tells.
    pub(super) fn change(
        &mut self,
        id: ContainerId,
        action: Action,
        change: impl FnOnce(&mut Container),
    ) {
        if let Some(container) = self.containers.get_mut(&id) {
            change(container);
            self.emit(id, action);
        }
    }

    pub(super) fn connect(&mut self, id: ContainerId, network: String, address: NetworkAddress) {
        let action = Action::NetworkConnect {
            network: network.clone(),
        };
        self.change(id, action, |c| {
            c.networks.insert(network, address);
        });
    }

    pub(super) fn start(&mut self, id: ContainerId) {
        for VolumeMount { volume, driver, .. } in self.volumes.get(&id).cloned().unwrap_or_default()
        {
            self.emit(id, Action::VolumeMount { volume, driver });
        }
        for network in self.networks(id) {
            let address = self.address();
            self.connect(id, network, address);
        }
        let now_ms = self.now_ms();
        self.pids += 1;
        let pid = self.pids;
        self.change(id, Action::Start, |c| {
            c.state = State::Running;
            c.pid = pid;
            c.started_at_ms = now_ms;
        });
    }

    pub(super) fn signal(&mut self, id: ContainerId, number: i32) {
        let signal = Some(number);
        self.emit(id, Action::Kill { signal });
        if matches!(number, SIGKILL | SIGTERM) {
            self.die(id, KILLED + number);
        }
    }

    pub(super) fn die(&mut self, id: ContainerId, exit_code: i32) {
        self.change(id, Action::Die { exit_code }, |c| {
            c.state = State::Exited;
            c.exit_code = exit_code;
            c.pid = 0;
        });
        for network in self.networks(id) {
            let action = Action::NetworkDisconnect {
                network: network.clone(),
            };
            self.change(id, action, |c| {
                c.networks.insert(network, NetworkAddress::default());
            });
        }
        for VolumeMount { volume, driver, .. } in self.volumes.get(&id).cloned().unwrap_or_default()
        {
            self.emit(id, Action::VolumeUnmount { volume, driver });
        }
    }

    fn networks(&self, id: ContainerId) -> Vec<String> {
        self.containers[&id].networks.keys().cloned().collect()
    }
}
