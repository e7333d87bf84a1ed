//! What an earlier process of the agent knew, as the znodes that it left behind tell it.
//!
//! What it had found healthy stays so until this process has probed it: an instance that works is
//! not taken out because its agent was started again.

use super::{
    stopping::{Now, Stopping},
    watched,
};
use dockeeper_engine::ContainerId;
use dockeeper_health::{Reason, Verdict, monitor::Key};
use dockeeper_model::{ContainerRecord, Instance, NodeName, decode, layout};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

/// How a container's record says that a check keeps an instance from being found.
pub(super) const CHECK_PREFIX: &str = "check: ";

/// What an earlier process of the agent knew.
#[derive(Debug)]
pub(super) struct Recall {
    node: NodeName,
    stop_hold: Duration,
    stops: HashMap<ContainerId, Stopping>,
    /// The checks that had passed: their instances were registered.
    passing: HashSet<Key>,
    /// The checks that had failed, by the run of their container and their instance's path.
    failing: HashMap<(ContainerId, i64, String), Reason>,
}

// === impl Recall ===

impl Recall {
    pub(super) fn new(node: NodeName, stop_hold: Duration) -> Self {
        Self {
            node,
            stop_hold,
            stops: HashMap::new(),
            passing: HashSet::new(),
            failing: HashMap::new(),
        }
    }

    /// Takes a znode that the earlier process wrote.
    pub(super) fn read(&mut self, path: &str, content: &[u8], now: Now) {
        if let Some((node, id)) = layout::two_names(path, layout::CONTAINERS) {
            if node == self.node.as_str()
                && let Ok(id) = id.parse()
                && let Ok(record) = decode(content)
            {
                self.container(id, &record, now);
            }
        } else if let Some((service, id)) = layout::two_names(path, layout::SERVICES)
            && let (Ok(service), Ok(id)) = (service.parse(), id.parse())
            && let Ok(instance) = Instance::decode(service, id, content)
        {
            self.instance(&instance);
        }
    }

    /// The stop of a container that was seen to begin.
    pub(super) fn stop(&self, id: &ContainerId) -> Option<Stopping> {
        self.stops.get(id).copied()
    }

    /// The last verdict of the check of an instance. That it was registered counts more than what
    /// its container's record says, which is written behind it.
    pub(super) fn verdict(
        &self,
        key: &Key,
        container: ContainerId,
        started_at_ms: i64,
        path: String,
    ) -> Option<Verdict> {
        if self.passing.contains(key) {
            return Some(Verdict::Passing);
        }
        let reason = self.failing.get(&(container, started_at_ms, path))?.clone();
        Some(Verdict::Failing { reason })
    }

    /// Everything has been compared: nothing of this is needed any more.
    pub(super) fn forget(&mut self) {
        self.stops = HashMap::new();
        self.passing = HashSet::new();
        self.failing = HashMap::new();
    }

    fn container(&mut self, id: ContainerId, record: &ContainerRecord, now: Now) {
        let started_at_ms = record.started_ms;
        if let Some(since_ms) = record.stopping_ms {
            let stopping = Stopping::since(since_ms, started_at_ms, now, self.stop_hold);
            self.stops.insert(id, stopping);
        }
        for instance in &record.instances {
            let why = instance.withheld.as_deref();
            if let Some(why) = why.and_then(|why| why.strip_prefix(CHECK_PREFIX)) {
                let path = layout::instance(&instance.service, &instance.id);
                self.failing
                    .insert((id, started_at_ms, path), Reason::new(why));
            }
        }
    }

    fn instance(&mut self, instance: &Instance) {
        if let Some(origin) = &instance.origin
            && origin.node == self.node.as_str()
            && let Ok(id) = origin.container.parse()
        {
            let (started_at_ms, port) = (instance.registered_ms, origin.container_port);
            self.passing
                .insert(watched::key(id, started_at_ms, port, &origin.protocol));
        }
    }
}
