//! What to look at in Docker: events and lists go in, containers to inspect come out.
//!
//! An event only says that something happened; the truth is read. A container has at most one
//! inspection on its way, and an event meanwhile has it inspected again.

use dockeeper_engine::ContainerId;
use std::collections::{BTreeSet, HashMap, VecDeque, hash_map::Entry};

/// Which containers to inspect.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// After events: somebody waits for these.
    urgent: VecDeque<ContainerId>,
    /// After a list: only to be sure.
    leisurely: VecDeque<ContainerId>,
    pending: HashMap<ContainerId, Pending>,
    list: List,
    /// Whether a list came and every question since then was answered.
    has_listed: bool,
}

#[derive(Debug, Default)]
struct Pending {
    is_urgent: bool,
    is_sent: bool,
    is_outdated: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum List {
    #[default]
    NotNeeded,
    Needed,
    Sent,
    /// Asked for again after it was sent.
    Outdated,
}

/// Something to ask Docker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    List,
    Inspect(ContainerId),
}

// === impl Inventory ===

impl Inventory {
    /// Something happened to a container.
    pub(super) fn event(&mut self, id: ContainerId) {
        self.want(id, true);
    }

    /// Everything has to be compared.
    pub(super) fn resync(&mut self) {
        self.list = match self.list {
            List::NotNeeded | List::Needed => List::Needed,
            List::Sent | List::Outdated => List::Outdated,
        };
    }

    /// What to ask next; inspections for their own sake only while `may_idle`.
    pub(super) fn next(&mut self, may_idle: bool) -> Option<Ask> {
        while let Some(id) = self.urgent.pop_front() {
            if self.send(id) {
                return Some(Ask::Inspect(id));
            }
        }
        if self.list == List::Needed {
            self.list = List::Sent;
            return Some(Ask::List);
        }
        if !may_idle {
            return None;
        }
        while let Some(id) = self.leisurely.pop_front() {
            if self.send(id) {
                return Some(Ask::Inspect(id));
            }
        }
        None
    }

    /// Takes a list of what runs. What is known and not listed is inspected too: the list may be
    /// older than what is known.
    pub(super) fn listed(
        &mut self,
        running: &[ContainerId],
        known: impl Iterator<Item = ContainerId>,
    ) {
        self.has_listed = true;
        self.list = match self.list {
            List::Outdated => List::Needed,
            List::NotNeeded | List::Needed | List::Sent => List::NotNeeded,
        };
        let known: BTreeSet<_> = known.collect();
        for id in running {
            // One that nobody has registered yet should not wait behind those that are.
            self.want(*id, !known.contains(id));
        }
        let running: BTreeSet<_> = running.iter().copied().collect();
        for id in known.difference(&running) {
            self.want(*id, true);
        }
    }

    /// Takes that an inspection was answered; false when the answer may be outdated, and the
    /// container is to be inspected once more.
    pub(super) fn inspected(&mut self, id: ContainerId) -> bool {
        match self.pending.remove(&id) {
            Some(pending) if pending.is_outdated => {
                self.want(id, true);
                false
            }
            Some(_) | None => true,
        }
    }

    /// Takes that a question failed: everything is asked again later. What was not answered may
    /// run: until the next list nothing counts as compared.
    pub(super) fn failed(&mut self, ask: Ask) {
        self.has_listed = false;
        match ask {
            Ask::List => self.list = List::NotNeeded,
            Ask::Inspect(id) => {
                self.pending.remove(&id);
            }
        }
    }

    /// Whether everything that runs has been looked at once, and nothing is left to ask.
    pub(super) fn has_compared(&self) -> bool {
        self.has_listed && self.pending.is_empty() && self.list == List::NotNeeded
    }

    fn want(&mut self, id: ContainerId, is_urgent: bool) {
        match self.pending.entry(id) {
            Entry::Vacant(vacant) => {
                vacant.insert(Pending {
                    is_urgent,
                    ..Pending::default()
                });
                if is_urgent {
                    self.urgent.push_back(id);
                } else {
                    self.leisurely.push_back(id);
                }
            }
            Entry::Occupied(mut occupied) => {
                let pending = occupied.get_mut();
                if pending.is_sent {
                    pending.is_outdated |= is_urgent;
                } else if is_urgent && !pending.is_urgent {
                    // It now stands in both queues; the second finds it sent.
                    pending.is_urgent = true;
                    self.urgent.push_back(id);
                }
            }
        }
    }

    fn send(&mut self, id: ContainerId) -> bool {
        match self.pending.get_mut(&id) {
            Some(pending) if !pending.is_sent => {
                pending.is_sent = true;
                true
            }
            Some(_) | None => false,
        }
    }
}
