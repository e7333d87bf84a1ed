//! What is to be registered: containers, their health and what is out of service go in, the
//! content of znodes comes out.

mod claims;
mod elections;
mod obstacles;
mod render;
mod signals;

use super::{
    candidate::{Candidates, candidates},
    endpoint::shared_with,
    obstacle::Obstacle,
    recall::Recall,
    settings::Settings,
    stopping::{Now, Signalled, Stopping},
    watched::Watched,
};
use bytes::Bytes;
use claims::{Claim, Claims};
use dockeeper_engine::{Container, ContainerId, container::State};
use dockeeper_health::{Verdict, monitor::Key};
use dockeeper_model::{
    layout,
    maintenance::{Maintenance, Subject},
};
use elections::Elections;
use obstacles::Obstacles;
use signals::Signals;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
};
use tokio::time::Instant;

/// How many of a container's problems stand in one line of the log.
const PROBLEMS_LOGGED_MAX: usize = 5;

/// What a host's znodes should hold.
#[derive(Debug)]
pub(super) struct Catalog {
    settings: Settings,
    entries: BTreeMap<ContainerId, Entry>,
    verdicts: HashMap<Key, Verdict>,
    maintenance: BTreeMap<Subject, Maintenance>,
    claims: Claims,
    obstacles: Obstacles,
    elections: Elections,
    /// What an earlier process of the agent knew, until Docker has been read.
    recall: Recall,
    signals: Signals,
    dirty: BTreeSet<ContainerId>,
    /// Znodes whose content may have changed, in the order in which to write them.
    touched: Vec<String>,
    checks: Vec<(Key, Option<Watched>)>,
}

/// What has to change outside.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Znodes and what they should hold; `None` where there should be none. Instances come before
    /// their container: what people look for first.
    pub(super) znodes: Vec<(String, Option<Bytes>)>,
    /// Health checks to run, or not to run any more.
    pub(super) checks: Vec<(Key, Option<Watched>)>,
}

#[derive(Debug)]
struct Entry {
    container: Container,
    candidates: Candidates,
    stopping: Option<Stopping>,
    znodes: BTreeMap<String, Bytes>,
    checks: BTreeMap<Key, Watched>,
}

// === impl Catalog ===

impl Catalog {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            recall: Recall::new(settings.node.clone(), settings.stop_hold),
            signals: Signals::default(),
            settings,
            entries: BTreeMap::new(),
            verdicts: HashMap::new(),
            maintenance: BTreeMap::new(),
            claims: Claims::default(),
            obstacles: Obstacles::default(),
            elections: Elections::default(),
            dirty: BTreeSet::new(),
            touched: Vec::new(),
            checks: Vec::new(),
        }
    }

    /// The containers that are known.
    pub(super) fn ids(&self) -> impl Iterator<Item = ContainerId> {
        self.entries.keys().copied()
    }

    /// Takes a container as it was inspected. One that does not run is not registered.
    pub(super) fn put(&mut self, container: Container) {
        if !is_shown(container.state) {
            self.remove(&container.id);
            return;
        }
        let id = container.id;
        self.forget_stop(&container);
        let (stopping, candidates, znodes, checks) = match self.entries.remove(&id) {
            Some(entry) if entry.container == container => {
                self.entries.insert(id, entry);
                return;
            }
            Some(entry) => (entry.stopping, entry.candidates, entry.znodes, entry.checks),
            None => Default::default(),
        };
        let entry = Entry {
            candidates,
            stopping,
            container,
            znodes,
            checks,
        };
        self.entries.insert(id, entry);
        self.recompute(id);
        self.recompute_sharers(id);
        for signalled in self.signals.take(id) {
            self.signalled(id, signalled);
        }
    }

    /// Forgets a stop that has ended with its run, and one that has come to nothing.
    fn forget_stop(&mut self, container: &Container) {
        let Some(entry) = self.entries.get_mut(&container.id) else {
            return;
        };
        let Some(stopping) = entry.stopping else {
            return;
        };
        if stopping.goes_on(container) {
            return;
        }
        if stopping.started_at_ms == container.started_at_ms {
            tracing::info!(
                container = container.name,
                "still runs long after it was told to stop: it is put back into service"
            );
        }
        entry.stopping = None;
        self.dirty.insert(container.id);
    }

    /// Forgets a container that does not run.
    pub(super) fn remove(&mut self, id: &ContainerId) {
        self.signals.take(*id);
        let Some(entry) = self.entries.remove(id) else {
            return;
        };
        self.dirty.remove(id);
        self.elections.remove(id);
        self.touched.extend(entry.znodes.into_keys().rev());
        for candidate in &entry.candidates.list {
            self.verdicts.remove(&candidate.check_key);
        }
        for key in entry.checks.into_keys() {
            self.verdicts.remove(&key);
            self.checks.push((key, None));
        }
        let freed = self.claims.release(*id);
        self.dirty.extend(freed);
        self.recompute_sharers(*id);
    }

    /// A signal was sent to a container: a stop may begin.
    pub(super) fn signalled(&mut self, id: ContainerId, signalled: Signalled) {
        let hold = self.settings.stop_hold;
        match self.entries.get_mut(&id) {
            Some(entry) => {
                entry.stopping = Stopping::begun(&entry.container, entry.stopping, signalled, hold);
                self.dirty.insert(id);
            }
            None => self.signals.keep(
                id,
                Signalled {
                    is_late: true,
                    ..signalled
                },
            ),
        }
    }

    /// Takes a znode that an earlier process of the agent wrote, before any container.
    pub(super) fn adopt(&mut self, path: &str, content: &[u8], now: Now) {
        self.recall.read(path, content, now);
        self.elections.recall(&self.settings.node, path, content);
    }

    /// Everything has been compared: what an earlier process knew says nothing new.
    pub(super) fn forget_adopted(&mut self) {
        self.recall.forget();
    }

    /// The containers that were told to stop long ago, each once: whether they still run is to be
    /// asked, and what is answered decides. Without an answer nothing is put back.
    pub(super) fn doubt_stops(&mut self, now: Instant) -> Vec<ContainerId> {
        let is_new = |entry: &mut Entry| entry.stopping.as_mut().is_some_and(|s| s.doubt(now));
        let entries = self.entries.iter_mut();
        let doubted = entries.filter_map(|(id, entry)| is_new(entry).then_some(*id));
        doubted.collect()
    }

    /// Takes the verdict of a health check.
    pub(super) fn verdict(&mut self, key: Key, verdict: Verdict) {
        let owner = self
            .entries
            .iter()
            .find(|(_, e)| e.checks.contains_key(&key));
        // A change may still be on its way for a check that was removed.
        if let Some((id, _)) = owner {
            self.dirty.insert(*id);
            self.verdicts.insert(key, verdict);
        }
    }

    /// Takes all that is out of service.
    pub(super) fn set_maintenance(&mut self, maintenance: BTreeMap<Subject, Maintenance>) {
        if self.maintenance != maintenance {
            self.maintenance = maintenance;
            self.dirty.extend(self.entries.keys());
        }
    }

    /// Takes where the host's published ports are reached from now on.
    pub(super) fn set_address(&mut self, address: IpAddr) {
        if self.settings.address != address {
            self.settings.address = address;
            let ids: Vec<_> = self.ids().collect();
            ids.into_iter().for_each(|id| self.recompute(id));
        }
    }

    /// Takes what keeps a znode from being registered; `None` when it is.
    pub(super) fn obstructed(&mut self, path: &str, obstacle: Option<Obstacle>) {
        // Nobody may want it any more by the time that its writing is answered.
        if let Some(id) = self.wanted_by(path)
            && self.obstacles.set(path, obstacle)
        {
            self.dirty.insert(id);
        }
    }

    /// Takes what has to change outside, since the last time.
    pub(super) fn take_changes(&mut self) -> Changes {
        // Who loses or gains a claim may change who else does; each pass settles one container,
        // and a container's own claims depend on nobody else's.
        while let Some(id) = self.dirty.pop_first() {
            self.refresh(id);
        }
        let touched = std::mem::take(&mut self.touched);
        let znodes = touched.into_iter().map(|path| {
            let content = self.content(&path);
            if content.is_none() {
                self.obstacles.forget(&path);
            }
            (path, content)
        });
        Changes {
            znodes: znodes.collect(),
            checks: std::mem::take(&mut self.checks),
        }
    }

    /// What a znode should hold. An instance has gone from one container to another when it is
    /// asked for, so this asks for its holder now.
    fn content(&self, path: &str) -> Option<Bytes> {
        let id = self.wanted_by(path)?;
        self.entries.get(&id)?.znodes.get(path).cloned()
    }

    /// The container that a znode is to be written for.
    fn wanted_by(&self, path: &str) -> Option<ContainerId> {
        let of_container = || layout::two_names(path, layout::CONTAINERS)?.1.parse().ok();
        let id = self.claims.holder(path).or_else(of_container)?;
        self.entries.contains_key(&id).then_some(id)
    }

    fn recompute(&mut self, id: ContainerId) {
        let Some(entry) = self.entries.get(&id) else {
            return;
        };
        let peer = shared_with(&entry.container).and_then(|name| self.find(name));
        let found = candidates(&entry.container, peer, &self.settings);
        if let Some(entry) = self.entries.get_mut(&id) {
            report(&entry.container, &entry.candidates, &found);
            entry.candidates = found;
            self.dirty.insert(id);
            self.restore(id);
        }
    }

    /// Goes on with what an earlier process of the agent knew of a container: a stop that it saw
    /// begin, and what it had found healthy. What this process has seen counts more.
    fn restore(&mut self, id: ContainerId) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        let started_at_ms = entry.container.started_at_ms;
        let stopping = self.recall.stop(&id);
        if let Some(stopping) = stopping.filter(|stop| stop.started_at_ms == started_at_ms)
            && entry.stopping.is_none()
        {
            entry.stopping = Some(stopping);
            self.dirty.insert(id);
        }
        for candidate in &entry.candidates.list {
            let key = &candidate.check_key;
            if !entry.checks.contains_key(key)
                && !self.verdicts.contains_key(key)
                && let Some(verdict) = self
                    .recall
                    .verdict(key, id, started_at_ms, candidate.path())
            {
                self.verdicts.insert(key.clone(), verdict);
                self.dirty.insert(id);
            }
        }
    }

    /// Containers that share another's network are reached where it is.
    fn recompute_sharers(&mut self, id: ContainerId) {
        let text = id.to_string();
        let shares = |e: &Entry| shared_with(&e.container).is_some_and(|with| with == text);
        let sharers: Vec<_> = self.entries.iter().filter(|(_, e)| shares(e)).collect();
        let sharers: Vec<_> = sharers.into_iter().map(|(id, _)| *id).collect();
        for sharer in sharers {
            self.recompute(sharer);
        }
    }

    fn find(&self, id: &str) -> Option<&Container> {
        let entry = self.entries.get(&id.parse::<ContainerId>().ok()?)?;
        Some(&entry.container)
    }

    /// Renders a container again and notes what differs from before.
    fn refresh(&mut self, id: ContainerId) {
        self.refresh_checks(id);
        let Some(entry) = self.entries.get(&id) else {
            return;
        };
        let view = render::View {
            settings: &self.settings,
            maintenance: &self.maintenance,
            verdicts: &self.verdicts,
            obstacles: &self.obstacles,
            elections: &self.elections,
        };
        let (run, contender) = entry.contender(&view);
        let withheld = view.withheld(entry);
        let free = entry.candidates.list.iter().zip(&withheld);
        let wanted = free.filter(|(_, why)| why.is_none()).map(|(c, _)| c.path());
        let claim = Claim {
            started_at_ms: entry.container.started_at_ms,
            id,
        };
        let affected = self.claims.replace(claim, wanted.collect());
        self.dirty
            .extend(affected.into_iter().filter(|other| *other != id));
        let znodes = view.znodes(entry, withheld, &self.claims);
        self.touched.extend(differing(&entry.znodes, &znodes));
        self.elections.set(run, contender);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.znodes = znodes;
        }
    }

    fn refresh_checks(&mut self, id: ContainerId) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        let checks = render::checks(entry);
        for key in differing(&entry.checks, &checks) {
            let now = checks.get(&key);
            // A verdict on another check says nothing about this one. One that is known before
            // its check is run is an earlier process's.
            let goes_on = match (entry.checks.get(&key), now) {
                (Some(before), Some(now)) => before.is_same_check(now),
                (before, _) => before.is_none(),
            };
            if !goes_on {
                self.verdicts.remove(&key);
            }
            let known = self.verdicts.get(&key);
            let now = now.map(|watched| watched.clone().beginning_with(known));
            self.checks.push((key, now));
        }
        entry.checks = checks;
    }
}

/// The keys whose values differ, the last ones first: `/services` sorts behind `/containers`.
fn differing<K: Ord + Clone, V: PartialEq>(
    before: &BTreeMap<K, V>,
    now: &BTreeMap<K, V>,
) -> Vec<K> {
    let gone = before.keys().filter(|key| !now.contains_key(*key));
    let changed = now
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(*value));
    let mut keys: Vec<_> = gone.chain(changed.map(|(key, _)| key)).cloned().collect();
    keys.sort();
    keys.reverse();
    keys
}

/// Whether a container is shown under `/containers`: as `docker ps` does.
fn is_shown(state: State) -> bool {
    matches!(state, State::Running | State::Paused | State::Restarting)
}

/// Says once what in a container's metadata cannot be used, in one line: its record has it all.
fn report(container: &Container, before: &Candidates, now: &Candidates) {
    let is_new = |problem: &&String| !before.problems.contains(problem);
    let new: Vec<_> = now
        .problems
        .iter()
        .filter(is_new)
        .map(String::as_str)
        .collect();
    if new.is_empty() {
        return;
    }
    let said = new
        .iter()
        .take(PROBLEMS_LOGGED_MAX)
        .copied()
        .collect::<Vec<_>>();
    let more = match new.len() - said.len() {
        0 => String::new(),
        more => format!(
            "; and {more} more, see `dockeeper inspect {}`",
            container.name
        ),
    };
    tracing::warn!(
        container = container.name,
        id = container.id.short(),
        "{}{more}",
        said.join("; ")
    );
}

#[cfg(test)]
mod tests;
