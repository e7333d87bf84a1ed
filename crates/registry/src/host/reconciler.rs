//! The three pure parts as one: what happened goes in; questions, writes and checks come out.

use super::{
    catalog::Catalog,
    elections::{Contenders, Statuses},
    inventory::{Ask, Inventory},
    ledger::{Ledger, Outcome, Write},
    obstacle::Obstacle,
    settings::Settings,
    stopping::{Now, Signalled},
    watched::Watched,
};
use dockeeper_engine::{Action, Container, ContainerId, Event};
use dockeeper_health::{Verdict, monitor::Key};
use dockeeper_model::maintenance::{Maintenance, Subject};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

const NANOSECONDS_PER_MS: i64 = 1_000_000;

/// Keeps what is registered equal to what runs.
#[derive(Debug)]
pub(super) struct Reconciler {
    inventory: Inventory,
    catalog: Catalog,
    ledger: Ledger,
    checks: Vec<(Key, Option<Watched>)>,
}

// === impl Reconciler ===

impl Reconciler {
    pub(super) fn new(settings: Settings, chroot: &str) -> Self {
        Self {
            inventory: Inventory::default(),
            catalog: Catalog::new(settings),
            ledger: Ledger::new(chroot),
            checks: Vec::new(),
        }
    }

    /// Whether everything that runs has been looked at once.
    pub(super) fn is_complete(&self) -> bool {
        self.ledger.is_complete()
    }

    /// Something happened to a container.
    pub(super) fn event(&mut self, event: &Event, now: Now) {
        match event.action {
            Action::Kill { signal } => {
                let signalled = Signalled {
                    signal,
                    sent_ms: event.time_ns / NANOSECONDS_PER_MS,
                    heard: now,
                    // Docker repeats events to who connects again, and so does a comparison begin.
                    // At other times its clock need not be trusted.
                    is_late: !self.inventory.has_compared(),
                };
                self.catalog.signalled(event.id, signalled);
                self.settle();
            }
            Action::Oom
            | Action::VolumeMount { .. }
            | Action::VolumeUnmount { .. }
            | Action::Other => {}
            _ => self.inventory.event(event.id),
        }
    }

    /// Events may have been lost: Docker is to be read and compared.
    pub(super) fn compare_engine(&mut self) {
        self.inventory.resync();
    }

    /// The next question to Docker; those that are not urgent only while `may_idle`.
    pub(super) fn next_ask(&mut self, may_idle: bool) -> Option<Ask> {
        self.inventory.next(may_idle)
    }

    pub(super) fn listed(&mut self, running: &[ContainerId]) {
        self.inventory.listed(running, self.catalog.ids());
        self.settle();
    }

    pub(super) fn inspected(&mut self, id: ContainerId, found: Option<Container>) {
        if !self.inventory.inspected(id) {
            return;
        }
        match found {
            Some(container) => self.catalog.put(container),
            None => self.catalog.remove(&id),
        }
        self.settle();
    }

    /// A question failed; Docker is asked again when it answers.
    pub(super) fn ask_failed(&mut self, ask: Ask) {
        self.inventory.failed(ask);
    }

    pub(super) fn verdict(&mut self, key: Key, verdict: Verdict) {
        self.catalog.verdict(key, verdict);
        self.settle();
    }

    pub(super) fn set_maintenance(&mut self, maintenance: BTreeMap<Subject, Maintenance>) {
        self.catalog.set_maintenance(maintenance);
        self.settle();
    }

    /// What containers are in their elections.
    pub(super) fn set_elections(&mut self, statuses: &Statuses) {
        self.catalog.set_elections(statuses);
        self.settle();
    }

    /// The containers that are meant to stand for election, if they have changed since the last
    /// time. Nobody is told before everything that runs has been looked at once.
    pub(super) fn take_contenders(&mut self) -> Option<Contenders> {
        self.is_complete()
            .then(|| self.catalog.take_contenders())
            .flatten()
    }

    /// The host's published ports are reached elsewhere from now on.
    pub(super) fn set_address(&mut self, address: IpAddr) {
        self.catalog.set_address(address);
        self.settle();
    }

    /// Time has passed: what waits for it is looked at again.
    pub(super) fn tick(&mut self, now: Now) {
        for id in self.catalog.doubt_stops(now.at) {
            self.inventory.event(id);
        }
        self.ledger.retry();
        // Where there is room later, the write's outcome tells.
        for path in self.ledger.over_limit() {
            self.catalog.obstructed(path, Some(Obstacle::NoRoom));
        }
        self.settle();
    }

    /// Remembers a znode that an earlier process of the agent wrote.
    pub(super) fn adopt(&mut self, path: &str, content: &[u8], now: Now) {
        if !self.ledger.is_complete() {
            self.catalog.adopt(path, content, now);
        }
    }

    /// The znodes of the session, as its server lists them.
    pub(super) fn found(&mut self, paths: impl IntoIterator<Item = String>) {
        self.ledger.found(paths);
    }

    /// The next write; those that only compare while `may_idle`.
    pub(super) fn next_write(&mut self, may_idle: bool) -> Option<Write> {
        self.ledger.next_write(may_idle)
    }

    pub(super) fn written(&mut self, path: &str, outcome: Outcome) {
        match &outcome {
            Outcome::Holds(_) => self.catalog.obstructed(path, None),
            Outcome::Taken(holder) => {
                let obstacle = Obstacle::Held(holder.clone());
                self.catalog.obstructed(path, Some(obstacle));
            }
            Outcome::Failed(why) => {
                let obstacle = Obstacle::Refused(why.clone());
                self.catalog.obstructed(path, Some(obstacle));
            }
            Outcome::Absent | Outcome::Unknown => {}
        }
        self.ledger.done(path, outcome);
        self.settle();
    }

    /// Somebody else's znode, which was in the way, is gone.
    pub(super) fn vacated(&mut self, path: &str) {
        self.ledger.look_again(path);
    }

    pub(super) fn session_over(&mut self) {
        self.ledger.session_over();
    }

    /// Health checks that are to be run, or not any more.
    pub(super) fn take_checks(&mut self) -> Vec<(Key, Option<Watched>)> {
        std::mem::take(&mut self.checks)
    }

    /// The znodes that the session has no room for.
    pub(super) fn over_limit(&self) -> &BTreeSet<String> {
        self.ledger.over_limit()
    }

    fn settle(&mut self) {
        let changes = self.catalog.take_changes();
        for (path, content) in changes.znodes {
            self.ledger.want(path, content);
        }
        self.checks.extend(changes.checks);
        // Until all that runs has been read once, what an earlier process registered stays.
        if !self.ledger.is_complete() && self.inventory.has_compared() {
            self.ledger.complete();
            self.catalog.forget_adopted();
        }
    }
}

#[cfg(test)]
mod tests;
