mod waiting;

use super::rearm::Armed;
use crate::{
    call::{Watch, WatchKind},
    chroot::Chroot,
    event::{Event, EventKind, Mailbox},
};
use dockeeper_zk_proto::{
    ErrorCode, path,
    watch::{AddWatchMode, EventType, WatcherEvent},
};
use std::{collections::HashMap, sync::Arc};
use waiting::{Holder, OneShots, Persistent, add};

/// Every watch of a session, by the server's path.
///
/// Before 3.9 a server keeps one mode for each session and path. So a path has at most one
/// persistent watch on the server, recursive if any holder wants that, and serves all holders and
/// one-shot watches of that path from it: what a recursive watch does not tell, a change of the
/// children, follows from a child's creation or deletion. Since 3.9 a server keeps all modes, and
/// may tell the change of the children as well: the holders are then told once.
#[derive(Debug)]
pub(crate) struct Watches {
    chroot: Chroot,
    one_shot: HashMap<String, OneShots>,
    persistent: HashMap<String, Persistent>,
    /// How many requests that bring a watch are on their way. A watch is not taken back before
    /// their answers: it might be the one that they have just armed.
    pending: HashMap<String, usize>,
    /// What the server need not watch any more and was not told so yet.
    unwatched: Vec<String>,
}

/// What a request that brings a watch has to say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arming {
    /// Whether the server has to arm a one-shot watch.
    OneShot(bool),
    /// Whether the persistent watch is recursive.
    Persistent(bool),
}

// === impl Watches ===

impl Watches {
    pub(crate) fn new(chroot: Chroot) -> Self {
        Self {
            chroot,
            one_shot: HashMap::new(),
            persistent: HashMap::new(),
            pending: HashMap::new(),
            unwatched: Vec::new(),
        }
    }

    /// Takes note of a request that brings a watch, right before it goes out.
    pub(crate) fn sending(&mut self, watch: &mut Watch) -> Arming {
        *self.pending.entry(watch.path.clone()).or_default() += 1;
        match &watch.kind {
            // Before the answer: the first event may come before it.
            WatchKind::Persistent(mode, mailbox) => {
                Arming::Persistent(self.hold(&watch.path, *mode, mailbox.clone()))
            }
            WatchKind::Exists(_) | WatchKind::Data(_) | WatchKind::Children(_) => {
                // A one-shot watch would end the persistent one on the server.
                watch.is_riding = self.persistent.contains_key(&watch.path);
                Arming::OneShot(!watch.is_riding)
            }
        }
    }

    /// The connection is gone, and with it the requests that were on their way.
    pub(crate) fn disconnected(&mut self) {
        self.pending.clear();
    }

    fn hold(&mut self, path: &str, mode: AddWatchMode, mailbox: Arc<Mailbox>) -> bool {
        let is_recursive = mode == AddWatchMode::PersistentRecursive;
        let entry = self
            .persistent
            .entry(path.to_owned())
            .or_insert(Persistent {
                is_recursive,
                tells_all: false,
                holders: Vec::new(),
            });
        entry.is_recursive |= is_recursive;
        if !entry
            .holders
            .iter()
            .any(|h| Arc::ptr_eq(&h.mailbox, &mailbox))
        {
            entry.holders.push(Holder {
                is_recursive,
                mailbox,
            });
        }
        entry.is_recursive
    }

    /// Settles the watch of a request that was answered.
    pub(crate) fn answered(&mut self, watch: Watch, error: Option<ErrorCode>) {
        let Watch {
            path,
            kind,
            is_riding,
        } = watch;
        self.settle(&path);
        match (kind, error) {
            (WatchKind::Exists(fire), Some(ErrorCode::NoNode)) => {
                add(&mut self.one_shots(&path).exist, fire);
            }
            (WatchKind::Exists(fire) | WatchKind::Data(fire), None) => {
                add(&mut self.one_shots(&path).data, fire);
            }
            (WatchKind::Children(fire), None) => add(&mut self.one_shots(&path).child, fire),
            (WatchKind::Persistent(mode, mailbox), None) => {
                if let Some(persistent) = self.persistent.get_mut(&path) {
                    persistent.tells_all |= mode == AddWatchMode::PersistentRecursive;
                }
                mailbox.resync();
            }
            (WatchKind::Persistent(_, mailbox), Some(_)) => self.release(&path, &mailbox),
            (WatchKind::Exists(_) | WatchKind::Data(_) | WatchKind::Children(_), Some(_)) => {}
        }
        // The persistent watch that it relied on was refused meanwhile.
        if is_riding && !self.persistent.contains_key(&path) {
            self.fire_all(&path);
        }
        self.tidy(&path);
    }

    /// Takes back the one-shot watch of a request whose answer could not be read.
    pub(crate) fn unanswered(&mut self, path: &str) {
        self.settle(path);
        // Nobody waits, but the server may have armed it.
        self.one_shots(path);
        self.tidy(path);
    }

    /// Looks who still waits for what happens to a znode.
    pub(crate) fn tidy(&mut self, path: &str) {
        if self.pending.contains_key(path) {
            return;
        }
        let mut was_watched = false;
        let mut is_needed = false;
        if let Some(one_shots) = self.one_shot.get_mut(path) {
            was_watched = true;
            one_shots.prune();
            is_needed = !one_shots.is_empty();
            if !is_needed {
                self.one_shot.remove(path);
            }
        }
        if let Some(persistent) = self.persistent.get_mut(path) {
            was_watched = true;
            persistent.prune();
            is_needed |= !persistent.holders.is_empty();
            if !is_needed {
                self.persistent.remove(path);
            }
        }
        if was_watched && !is_needed {
            self.unwatched.push(path.to_owned());
        }
    }

    /// What the server need not watch any more, to be told so.
    pub(crate) fn take_unwatched(&mut self) -> Vec<String> {
        std::mem::take(&mut self.unwatched)
    }

    fn one_shots(&mut self, path: &str) -> &mut OneShots {
        self.one_shot.entry(path.to_owned()).or_default()
    }

    fn settle(&mut self, path: &str) {
        if let Some(count) = self.pending.get_mut(path) {
            *count -= 1;
            if *count == 0 {
                self.pending.remove(path);
            }
        }
    }

    /// Hands an event to everybody who waits for it.
    pub(crate) fn dispatch(&mut self, event: &WatcherEvent) {
        let path = event.path.as_str();
        let kind = match event.kind {
            EventType::NodeCreated => EventKind::Created,
            EventType::NodeDeleted => EventKind::Deleted,
            EventType::NodeDataChanged => EventKind::DataChanged,
            EventType::NodeChildrenChanged => EventKind::ChildrenChanged,
            EventType::None
            | EventType::DataWatchRemoved
            | EventType::ChildWatchRemoved
            | EventType::PersistentWatchRemoved => return,
        };
        if kind == EventKind::ChildrenChanged
            && self.persistent.get(path).is_some_and(|p| p.tells_all)
        {
            // The holders hear of it by the child's own event.
            self.fire(path, kind);
        } else {
            self.deliver(path, kind);
        }
        for ancestor in std::iter::successors(path::parent(path), |p| path::parent(p)) {
            self.deliver_recursive(ancestor, path, kind);
        }
        // What a recursive watch leaves out, for the holders and riders of the parent itself.
        if matches!(kind, EventKind::Created | EventKind::Deleted)
            && let Some(parent) = path::parent(path)
            && self.persistent.get(parent).is_some_and(|p| p.is_recursive)
        {
            self.deliver(parent, EventKind::ChildrenChanged);
        }
    }

    /// What to arm again on a new connection, which has no watch yet.
    pub(crate) fn armed(&mut self) -> Armed {
        self.prune();
        self.unwatched.clear();
        let mut armed = Armed::default();
        for (path, one_shots) in &self.one_shot {
            for (senders, paths) in [
                (&one_shots.data, &mut armed.data),
                (&one_shots.exist, &mut armed.exist),
                (&one_shots.child, &mut armed.child),
            ] {
                if !senders.is_empty() {
                    paths.push(path.clone());
                }
            }
        }
        for (path, persistent) in &mut self.persistent {
            persistent.tells_all = persistent.is_recursive;
            if persistent.is_recursive {
                armed.persistent_recursive.push(path.clone());
            } else {
                armed.persistent.push(path.clone());
            }
        }
        armed
    }

    /// Tells every holder of a persistent watch to read everything.
    pub(crate) fn resync(&self) {
        for holder in self.persistent.values().flat_map(|p| &p.holders) {
            holder.mailbox.resync();
        }
    }

    /// Tells everybody that the session is over.
    pub(crate) fn end(&mut self) {
        self.one_shot.clear();
        for holder in self.persistent.drain().flat_map(|(_, p)| p.holders) {
            holder.mailbox.end();
        }
    }

    /// Forgets those who went away.
    fn prune(&mut self) {
        self.one_shot.retain(|_, one_shots| {
            one_shots.prune();
            !one_shots.is_empty()
        });
        let one_shot = &self.one_shot;
        self.persistent.retain(|path, persistent| {
            persistent.prune();
            !persistent.holders.is_empty() || one_shot.contains_key(path)
        });
    }

    fn deliver(&mut self, path: &str, kind: EventKind) {
        let Some(event) = self.event(path, kind) else {
            return;
        };
        let persistent = self.persistent.get(path);
        for holder in persistent.iter().flat_map(|p| &p.holders) {
            if kind != EventKind::ChildrenChanged || !holder.is_recursive {
                holder.mailbox.event(event.clone());
            }
        }
        self.fire(path, kind);
    }

    /// Hands an event to those who wait for one only.
    fn fire(&mut self, path: &str, kind: EventKind) {
        let Some(event) = self.event(path, kind) else {
            return;
        };
        let is_held = self
            .persistent
            .get(path)
            .is_none_or(|p| !p.holders.is_empty());
        if let Some(one_shots) = self.one_shot.get_mut(path) {
            one_shots.fire(&event);
            if one_shots.is_empty() {
                self.one_shot.remove(path);
                // A persistent watch that only served this one-shot watch.
                if !is_held {
                    self.tidy(path);
                }
            }
        }
    }

    /// An event as the client's user sees it.
    fn event(&self, path: &str, kind: EventKind) -> Option<Event> {
        let path = self.chroot.to_client(path)?.to_owned();
        Some(Event { kind, path })
    }

    fn deliver_recursive(&self, ancestor: &str, path: &str, kind: EventKind) {
        let Some(persistent) = self.persistent.get(ancestor) else {
            return;
        };
        let Some(event) = self.event(path, kind) else {
            return;
        };
        for holder in persistent.holders.iter().filter(|h| h.is_recursive) {
            holder.mailbox.event(event.clone());
        }
    }

    /// Takes back a holder whose request was refused. One-shot watches that relied on it fire:
    /// nothing else would tell them.
    fn release(&mut self, path: &str, mailbox: &Arc<Mailbox>) {
        let Some(persistent) = self.persistent.get_mut(path) else {
            return;
        };
        persistent
            .holders
            .retain(|holder| !Arc::ptr_eq(&holder.mailbox, mailbox));
        if persistent.holders.is_empty() {
            self.persistent.remove(path);
            self.fire_all(path);
        }
    }

    fn fire_all(&mut self, path: &str) {
        for kind in [EventKind::DataChanged, EventKind::ChildrenChanged] {
            self.deliver(path, kind);
        }
    }
}
