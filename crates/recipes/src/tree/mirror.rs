use bytes::Bytes;
use dockeeper_zk_client::{Event, EventKind, Stat, path};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// How many znodes a mirror holds: ten thousand hosts with a hundred containers each.
pub const NODES_MAX: usize = 1_000_000;

/// A znode as it was read when it was last created or changed. What its metadata tells of its
/// children may be older than they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its data.
    pub data: Bytes,
    /// Its metadata.
    pub stat: Stat,
}

/// Something to read from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fetch {
    Node(String),
    Children(String),
}

/// What the reading of a znode came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    There(Bytes, Stat),
    Absent,
    /// It is there, and the session may not read it.
    Hidden,
}

/// The mirror's content and what has to be read to make it right. Does no I/O.
///
/// An answer may be older than an event that came before it was handled. So a znode has at most
/// one read on its way, and an event meanwhile has it read again: the last read was always sent
/// behind the last event.
#[derive(Debug)]
pub(super) struct Mirror {
    root: String,
    nodes: BTreeMap<String, Node>,
    /// Znodes that may not be read, and so are not among the others.
    hidden: BTreeSet<String>,
    /// When each znode was last seen. What a walk has not seen is not there any more.
    seen: HashMap<String, u64>,
    /// Counts the times that everything was to be read.
    walk: u64,
    queue: VecDeque<Fetch>,
    /// Znodes that are to be read or being read.
    pending: HashMap<String, Pending>,
    /// How many lists of children are to be read or being read.
    listing: usize,
    is_sweep_due: bool,
}

#[derive(Debug, Default)]
struct Pending {
    is_sent: bool,
    /// Something happened since it was sent.
    is_outdated: bool,
    /// The znode's children have to be read too.
    is_walked: bool,
}

// === impl Mirror ===

impl Mirror {
    pub(super) fn new(root: &str) -> Self {
        Self {
            root: root.to_owned(),
            nodes: BTreeMap::new(),
            hidden: BTreeSet::new(),
            seen: HashMap::new(),
            walk: 0,
            queue: VecDeque::new(),
            pending: HashMap::new(),
            listing: 0,
            is_sweep_due: false,
        }
    }

    pub(super) fn root(&self) -> &str {
        &self.root
    }

    pub(super) fn nodes(&self) -> &BTreeMap<String, Node> {
        &self.nodes
    }

    pub(super) fn hidden(&self) -> &BTreeSet<String> {
        &self.hidden
    }

    /// Whether there is nothing left to read.
    pub(super) fn is_settled(&self) -> bool {
        self.walk > 0 && self.pending.is_empty() && self.listing == 0
    }

    /// Nobody will answer what was asked so far: forgets that it was. A resync has to follow.
    pub(super) fn restart(&mut self) {
        self.queue.clear();
        self.pending.clear();
        self.listing = 0;
        self.is_sweep_due = false;
    }

    /// Something may have been missed: everything is to be read.
    pub(super) fn resync(&mut self) {
        self.walk += 1;
        self.is_sweep_due = true;
        // An answer from before says nothing about what was missed.
        for pending in self.pending.values_mut() {
            pending.is_outdated |= pending.is_sent;
        }
        let root = self.root.clone();
        self.want(&root, true);
    }

    /// Takes an event; true when the content has changed.
    pub(super) fn event(&mut self, event: &Event) -> bool {
        match event.kind {
            EventKind::ChildrenChanged => false,
            EventKind::Deleted if !self.pending.contains_key(&event.path) => {
                self.remove(&event.path)
            }
            EventKind::Created | EventKind::DataChanged | EventKind::Deleted => {
                self.want(&event.path, false);
                false
            }
        }
    }

    /// What to read next.
    pub(super) fn next_fetch(&mut self) -> Option<Fetch> {
        let fetch = self.queue.pop_front()?;
        if let Fetch::Node(path) = &fetch
            && let Some(pending) = self.pending.get_mut(path)
        {
            pending.is_sent = true;
        }
        Some(fetch)
    }

    /// Takes what the reading of a znode came to; true when the content has changed.
    pub(super) fn got(&mut self, path: &str, found: Found) -> bool {
        let Some(pending) = self.pending.remove(path) else {
            return false;
        };
        if pending.is_outdated {
            self.want(path, pending.is_walked);
            return false;
        }
        let has_changed = match found {
            Found::Absent => self.remove(path),
            Found::Hidden => self.hide(path),
            Found::There(data, stat) => {
                if pending.is_walked && stat.num_children > 0 {
                    self.listing += 1;
                    self.queue.push_back(Fetch::Children(path.to_owned()));
                }
                self.insert(path, Node { data, stat })
            }
        };
        self.sweep() || has_changed
    }

    /// Takes the names of a znode's children, or that they may not be read; true when the content
    /// has changed.
    pub(super) fn listed(&mut self, parent: &str, names: Option<&[String]>) -> bool {
        self.listing = self.listing.saturating_sub(1);
        let has_changed = names.is_none() && self.hide(parent);
        for name in names.unwrap_or_default() {
            self.want(&path::join(parent, name), true);
        }
        self.sweep() || has_changed
    }

    fn want(&mut self, path: &str, is_walked: bool) {
        let is_new = !self.pending.contains_key(path);
        let pending = self.pending.entry(path.to_owned()).or_default();
        pending.is_walked |= is_walked;
        pending.is_outdated |= pending.is_sent;
        if is_new {
            self.queue.push_back(Fetch::Node(path.to_owned()));
        }
    }

    fn insert(&mut self, path: &str, node: Node) -> bool {
        self.seen.insert(path.to_owned(), self.walk);
        self.hidden.remove(path);
        if self.nodes.get(path) == Some(&node) {
            return false;
        }
        self.nodes.insert(path.to_owned(), node);
        true
    }

    fn remove(&mut self, path: &str) -> bool {
        self.seen.remove(path);
        let was_hidden = self.hidden.remove(path);
        self.nodes.remove(path).is_some() || was_hidden
    }

    fn hide(&mut self, path: &str) -> bool {
        self.seen.insert(path.to_owned(), self.walk);
        let is_new = self.hidden.insert(path.to_owned());
        self.nodes.remove(path).is_some() || is_new
    }

    /// At the end of a walk, removes what it has not seen.
    fn sweep(&mut self) -> bool {
        if !self.is_sweep_due || !self.is_settled() {
            return false;
        }
        self.is_sweep_due = false;
        let (walk, before) = (self.walk, self.nodes.len() + self.hidden.len());
        self.seen.retain(|_, last| *last == walk);
        self.nodes.retain(|path, _| self.seen.contains_key(path));
        self.hidden.retain(|path| self.seen.contains_key(path));
        self.nodes.len() + self.hidden.len() != before
    }
}

#[cfg(test)]
mod tests;
