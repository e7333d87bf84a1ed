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
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};
use tokio::sync::oneshot;

/// Every watch of a session, by the server's path.
///
/// Before 3.9 a server keeps one mode for each session and path. So a path has at most one
/// persistent watch on the server, recursive if any holder wants that, and serves all holders and
/// one-shot watches of that path from it: what a recursive watch does not tell, a change of the
/// children, follows from a child's creation or deletion.
#[derive(Debug)]
pub(crate) struct Watches {
    chroot: Chroot,
    one_shot: HashMap<String, OneShots>,
    persistent: HashMap<String, Persistent>,
}

#[derive(Debug, Default)]
struct OneShots {
    data: Vec<oneshot::Sender<Event>>,
    exist: Vec<oneshot::Sender<Event>>,
    child: Vec<oneshot::Sender<Event>>,
}

#[derive(Debug)]
struct Persistent {
    is_recursive: bool,
    holders: Vec<Holder>,
}

#[derive(Debug)]
struct Holder {
    is_recursive: bool,
    mailbox: Arc<Mailbox>,
}

// === impl Watches ===

impl Watches {
    pub(crate) fn new(chroot: Chroot) -> Self {
        Self {
            chroot,
            one_shot: HashMap::new(),
            persistent: HashMap::new(),
        }
    }

    /// Whether a persistent watch on this very path serves one-shot watches too.
    pub(crate) fn covers(&self, path: &str) -> bool {
        self.persistent.contains_key(path)
    }

    /// Adds the holder of a persistent watch, before its request goes out: the first event may
    /// come before the reply. True when the server has to watch recursively.
    pub(crate) fn hold(&mut self, path: &str, mode: AddWatchMode, mailbox: Arc<Mailbox>) -> bool {
        let is_recursive = mode == AddWatchMode::PersistentRecursive;
        let entry = self
            .persistent
            .entry(path.to_owned())
            .or_insert(Persistent {
                is_recursive,
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
        let Watch { path, kind } = watch;
        match (kind, error) {
            (WatchKind::Exists(fire), Some(ErrorCode::NoNode)) => {
                add(&mut self.one_shot.entry(path).or_default().exist, fire);
            }
            (WatchKind::Exists(fire) | WatchKind::Data(fire), None) => {
                add(&mut self.one_shot.entry(path).or_default().data, fire);
            }
            (WatchKind::Children(fire), None) => {
                add(&mut self.one_shot.entry(path).or_default().child, fire);
            }
            (WatchKind::Persistent(_, mailbox), None) => mailbox.resync(),
            (WatchKind::Persistent(_, mailbox), Some(_)) => self.release(&path, &mailbox),
            (WatchKind::Exists(_) | WatchKind::Data(_) | WatchKind::Children(_), Some(_)) => {}
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
        self.deliver(path, kind);
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

    /// What to arm again on a new connection.
    pub(crate) fn armed(&mut self) -> Armed {
        self.prune();
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
        for (path, persistent) in &self.persistent {
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

    /// Forgets those who went away. Returns the paths that the server no longer has to watch.
    pub(crate) fn prune(&mut self) -> Vec<String> {
        self.one_shot.retain(|_, one_shots| {
            one_shots.prune();
            !one_shots.is_empty()
        });
        let one_shot = &self.one_shot;
        let mut unwatched = Vec::new();
        self.persistent.retain(|path, persistent| {
            persistent.holders.retain(|h| !h.mailbox.is_abandoned());
            let is_needed = !persistent.holders.is_empty() || one_shot.contains_key(path);
            if !is_needed {
                unwatched.push(path.clone());
            }
            is_needed
        });
        unwatched
    }

    fn deliver(&mut self, path: &str, kind: EventKind) {
        let Some(client_path) = self.chroot.to_client(path) else {
            return;
        };
        let event = Event {
            kind,
            path: client_path.to_owned(),
        };
        if let Some(persistent) = self.persistent.get(path) {
            for holder in &persistent.holders {
                if kind != EventKind::ChildrenChanged || !holder.is_recursive {
                    holder.mailbox.event(event.clone());
                }
            }
        }
        if let Entry::Occupied(mut one_shots) = self.one_shot.entry(path.to_owned()) {
            one_shots.get_mut().fire(&event);
            if one_shots.get().is_empty() {
                one_shots.remove();
            }
        }
    }

    fn deliver_recursive(&self, ancestor: &str, path: &str, kind: EventKind) {
        let Some(persistent) = self.persistent.get(ancestor) else {
            return;
        };
        let Some(client_path) = self.chroot.to_client(path) else {
            return;
        };
        for holder in persistent.holders.iter().filter(|h| h.is_recursive) {
            holder.mailbox.event(Event {
                kind,
                path: client_path.to_owned(),
            });
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
            for kind in [EventKind::DataChanged, EventKind::ChildrenChanged] {
                self.deliver(path, kind);
            }
        }
    }
}

// === impl OneShots ===

impl OneShots {
    fn fire(&mut self, event: &Event) {
        let lists: &mut [&mut Vec<_>] = match event.kind {
            EventKind::Created | EventKind::DataChanged => &mut [&mut self.data, &mut self.exist],
            EventKind::Deleted => &mut [&mut self.data, &mut self.exist, &mut self.child],
            EventKind::ChildrenChanged => &mut [&mut self.child],
        };
        for fire in lists.iter_mut().flat_map(|list| list.drain(..)) {
            drop(fire.send(event.clone()));
        }
    }

    fn prune(&mut self) {
        for list in [&mut self.data, &mut self.exist, &mut self.child] {
            list.retain(|fire| !fire.is_closed());
        }
    }

    fn is_empty(&self) -> bool {
        self.data.is_empty() && self.exist.is_empty() && self.child.is_empty()
    }
}

/// Adds a watch, and forgets those of its list that nobody waits for: asking again and again for
/// the same path must not grow the list.
fn add(list: &mut Vec<oneshot::Sender<Event>>, fire: oneshot::Sender<Event>) {
    list.retain(|fire| !fire.is_closed());
    list.push(fire);
}
