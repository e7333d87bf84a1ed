//! Which containers are to stand for election, and what they are in it.

use super::{Catalog, Entry, render::View};
use crate::host::elections::{Contender, Contenders, Fitness, Run, Statuses};
use dockeeper_engine::{ContainerId, container::State};
use dockeeper_model::{ContainerRecord, ElectionStatus, NodeName, decode, layout};

/// The containers that are meant to stand, and what they are in their elections.
#[derive(Debug, Default)]
pub(super) struct Elections {
    contenders: Contenders,
    /// Whether they have been told as they are.
    is_told: bool,
    statuses: Statuses,
    /// What an earlier process of the agent said, of those that nobody has spoken of since: a leader
    /// goes on to be shown while this process finds its place again.
    recalled: Statuses,
}

// === impl Elections ===

impl Elections {
    /// Takes a run of a container; `None` where it is not to stand.
    pub(super) fn set(&mut self, run: Run, contender: Option<Contender>) {
        if self.contenders.get(&run) == contender.as_ref() {
            return;
        }
        self.is_told = false;
        // An earlier run is over.
        self.contenders.retain(|known, _| known.id != run.id);
        self.contenders
            .extend(contender.map(|contender| (run, contender)));
    }

    /// Takes a znode that an earlier process wrote.
    pub(super) fn recall(&mut self, node: &NodeName, path: &str, content: &[u8]) {
        if let Some((of_node, id)) = layout::two_names(path, layout::CONTAINERS)
            && of_node == node.as_str()
            && let Ok(id) = id.parse()
            && let Ok(record) = decode::<ContainerRecord>(content)
        {
            let run = Run {
                id,
                started_at_ms: record.started_ms,
            };
            self.recalled
                .extend(record.elections.into_iter().map(|status| (run, status)));
        }
    }

    fn status(&self, run: &Run) -> Option<&ElectionStatus> {
        self.statuses.get(run).or_else(|| self.recalled.get(run))
    }

    /// Forgets a container.
    pub(super) fn remove(&mut self, id: &ContainerId) {
        let before = self.contenders.len();
        self.contenders.retain(|run, _| run.id != *id);
        self.recalled.retain(|run, _| run.id != *id);
        self.is_told &= before == self.contenders.len();
    }
}

// === impl Catalog ===

impl Catalog {
    /// The containers that are meant to stand, if they have changed since the last time.
    pub(in crate::host) fn take_contenders(&mut self) -> Option<Contenders> {
        let is_told = std::mem::replace(&mut self.elections.is_told, true);
        (!is_told).then(|| self.elections.contenders.clone())
    }

    /// Takes what containers are in their elections.
    pub(in crate::host) fn set_elections(&mut self, statuses: &Statuses) {
        let before = &self.elections.statuses;
        let new = statuses
            .iter()
            .filter(|(run, status)| before.get(run) != Some(status));
        let gone = before.keys().filter(|run| !statuses.contains_key(run));
        let ids = new.map(|(run, _)| run).chain(gone).map(|run| run.id);
        self.dirty
            .extend(ids.filter(|id| self.entries.contains_key(id)));
        self.elections.statuses = statuses.clone();
        let recalled = &mut self.elections.recalled;
        recalled.retain(|run, _| !statuses.contains_key(run));
    }
}

// === impl View ===

impl View<'_> {
    /// What a container is in its election; empty where it is meant to stand in none.
    pub(super) fn elections(&self, entry: &Entry) -> Vec<ElectionStatus> {
        let Some(election) = &entry.candidates.election else {
            return Vec::new();
        };
        let status = self.elections.status(&entry.run()).cloned();
        // Nobody has said anything of a container that was just started.
        let soon = || ElectionStatus::withheld(election.name.clone(), "it was just started");
        vec![status.unwrap_or_else(soon)]
    }

    /// A container as one that stands for election, if it is meant to.
    pub(super) fn contender(&self, entry: &Entry) -> Option<Contender> {
        let ports = entry.candidates.list.iter();
        Some(Contender {
            name: entry.container.name.clone(),
            election: entry.candidates.election.clone()?,
            fitness: self.fitness(entry),
            ports: ports
                .filter_map(|candidate| {
                    let origin = candidate.instance.origin.as_ref()?;
                    Some((origin.container_port, candidate.target))
                })
                .collect(),
        })
    }

    /// Only one that is well as a whole stands: each of its ports counts.
    fn fitness(&self, entry: &Entry) -> Fitness {
        let failing = || entry.candidates.list.iter().find_map(|c| self.failing(c));
        match (entry.container.state, self.withheld_all(entry)) {
            (State::Running, Some(why)) => Fitness::Unfit(why),
            (State::Running, None) => failing().map_or(Fitness::Fit, Fitness::Unfit),
            (State::Paused, why) => Fitness::Frozen(why.unwrap_or_default()),
            _ => Fitness::Gone,
        }
    }
}

// === impl Entry ===

impl Entry {
    fn run(&self) -> Run {
        Run {
            id: self.container.id,
            started_at_ms: self.container.started_at_ms,
        }
    }

    /// Under which run the container stands for election.
    pub(super) fn contender(&self, view: &View<'_>) -> (Run, Option<Contender>) {
        (self.run(), view.contender(self))
    }
}
