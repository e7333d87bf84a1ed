//! What is registered: what znodes should hold goes in, writes come out.
//!
//! A znode has at most one write on its way. What its answer leaves different from what should be
//! is written again, so that neither a lost answer nor a change in between is forgotten.

use super::holder::Holder;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

/// How many bytes of paths one session's ephemeral znodes may have. When a session ends, its
/// server writes all of them into one transaction; above `jute.maxbuffer` (1 MiB) that takes an
/// ensemble down and keeps it down (ZOOKEEPER-4306). A quarter leaves room for the rest.
pub(super) const PATHS_LEN_MAX: usize = 256 * 1024;

/// What a host's znodes should hold and what they do hold.
#[derive(Debug)]
pub(super) struct Ledger {
    /// What each path is longer by for the server: the chroot.
    prefix_len: usize,
    desired: BTreeMap<String, Bytes>,
    actual: BTreeMap<String, Actual>,
    /// Paths to look at, in order.
    queue: VecDeque<String>,
    queued: HashSet<String>,
    /// Paths to look at for the comparison's sake, when there is nothing else to do.
    leisurely: VecDeque<String>,
    busy: HashSet<String>,
    /// Paths whose writing failed in a way that a moment may mend.
    deferred: BTreeSet<String>,
    /// Paths for which the session has no room.
    over_limit: BTreeSet<String>,
    paths_len: usize,
    /// Whether everything that should be there is known, so that the rest can go.
    is_complete: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Actual {
    /// This session's znode, with this content.
    Holds(Bytes),
    /// Something may be there.
    Unknown,
}

/// Something to do to a znode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Write {
    Create(String, Bytes),
    Set(String, Bytes),
    Delete(String),
    /// Look what is there.
    Read(String),
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The session's znode is there, with this content.
    Holds(Bytes),
    /// No znode of this session is there.
    Absent,
    /// Nobody knows.
    Unknown,
    /// It cannot be done now, for this reason; what is there has not changed.
    Failed(String),
    /// It cannot be done while somebody else's znode is there.
    Taken(Holder),
}

// === impl Write ===

impl Write {
    /// The znode.
    pub(super) fn into_path(self) -> String {
        match self {
            Self::Create(path, _) | Self::Set(path, _) | Self::Delete(path) | Self::Read(path) => {
                path
            }
        }
    }
}

// === impl Ledger ===

impl Ledger {
    pub(super) fn new(chroot: &str) -> Self {
        Self {
            prefix_len: chroot.trim_end_matches('/').len(),
            desired: BTreeMap::new(),
            actual: BTreeMap::new(),
            queue: VecDeque::new(),
            queued: HashSet::new(),
            leisurely: VecDeque::new(),
            busy: HashSet::new(),
            deferred: BTreeSet::new(),
            over_limit: BTreeSet::new(),
            paths_len: 0,
            is_complete: false,
        }
    }

    /// Sets what a znode should hold; `None`: it should not be there.
    pub(super) fn want(&mut self, path: String, content: Option<Bytes>) {
        match content {
            Some(content) => {
                self.desired.insert(path.clone(), content);
            }
            None => {
                self.desired.remove(&path);
            }
        }
        self.enqueue(path);
    }

    /// Everything that should be there has been said: what else is there can go.
    pub(super) fn complete(&mut self) {
        if !self.is_complete {
            self.is_complete = true;
            let paths: Vec<_> = self.actual.keys().cloned().collect();
            paths.into_iter().for_each(|path| self.enqueue(path));
        }
    }

    /// Whether [`complete`](Self::complete) was called.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The session's znodes as the server lists them: those that are missing are written again,
    /// those that are new are looked at, and all others when there is time: somebody may have
    /// changed what they hold.
    pub(super) fn found(&mut self, paths: impl IntoIterator<Item = String>) {
        let found: BTreeSet<_> = paths.into_iter().collect();
        let known: Vec<_> = self.actual.keys().cloned().collect();
        for path in known.into_iter().filter(|path| !found.contains(path)) {
            // What is on its way may have created or deleted it since.
            if !self.busy.contains(&path) {
                self.set_actual(&path, None);
                self.enqueue(path);
            }
        }
        // A comparison that has not come to its end begins anew.
        self.leisurely.clear();
        for path in found {
            if matches!(self.actual.get(&path), Some(Actual::Holds(_))) {
                self.leisurely.push_back(path);
            } else if !self.actual.contains_key(&path) && !self.busy.contains(&path) {
                self.set_actual(&path, Some(Actual::Unknown));
                self.enqueue(path);
            }
        }
    }

    /// The session is over, and with it its znodes and the writes on their way.
    pub(super) fn session_over(&mut self) {
        self.busy.clear();
        self.leisurely.clear();
        self.actual.clear();
        self.paths_len = 0;
        self.over_limit.clear();
        self.deferred.clear();
        let paths: Vec<_> = self.desired.keys().cloned().collect();
        paths.into_iter().for_each(|path| self.enqueue(path));
    }

    /// Looks again at what failed, and at what had no room.
    pub(super) fn retry(&mut self) {
        let again = std::mem::take(&mut self.deferred);
        self.fill();
        again.into_iter().for_each(|path| self.enqueue(path));
    }

    /// Looks again at a znode: what was in its way may be gone.
    pub(super) fn look_again(&mut self, path: &str) {
        if self.deferred.remove(path) {
            self.enqueue(path.to_owned());
        }
    }

    /// The next write, whose outcome has to be told with [`done`](Self::done); those that are not
    /// urgent only while `may_idle`.
    pub(super) fn next_write(&mut self, may_idle: bool) -> Option<Write> {
        while let Some(path) = self.queue.pop_front() {
            self.queued.remove(&path);
            if self.busy.contains(&path) {
                // Looked at again when the answer comes.
                continue;
            }
            if let Some(write) = self.judge(&path) {
                self.busy.insert(path);
                return Some(write);
            }
        }
        while may_idle && let Some(path) = self.leisurely.pop_front() {
            let is_known = matches!(self.actual.get(&path), Some(Actual::Holds(_)));
            // What is written meanwhile is known better than by a look.
            if is_known && self.busy.insert(path.clone()) {
                return Some(Write::Read(path));
            }
        }
        None
    }

    /// Takes what became of a write.
    pub(super) fn done(&mut self, path: &str, outcome: Outcome) {
        self.busy.remove(path);
        match outcome {
            Outcome::Holds(content) => self.set_actual(path, Some(Actual::Holds(content))),
            Outcome::Absent => self.set_actual(path, None),
            Outcome::Unknown => self.set_actual(path, Some(Actual::Unknown)),
            Outcome::Failed(_) | Outcome::Taken(_) => {
                self.deferred.insert(path.to_owned());
                // It was counted while it was on its way.
                self.fill();
                return;
            }
        }
        self.enqueue(path.to_owned());
    }

    /// The znodes that the session has no room for.
    pub(super) fn over_limit(&self) -> &BTreeSet<String> {
        &self.over_limit
    }

    fn judge(&mut self, path: &str) -> Option<Write> {
        let desired = self.desired.get(path);
        match (desired, self.actual.get(path)) {
            (_, Some(Actual::Unknown)) => Some(Write::Read(path.to_owned())),
            (Some(desired), Some(Actual::Holds(actual))) if desired == actual => None,
            (Some(desired), Some(Actual::Holds(_))) => {
                Some(Write::Set(path.to_owned(), desired.clone()))
            }
            (Some(desired), None) => {
                let write = Write::Create(path.to_owned(), desired.clone());
                self.has_room(path).then_some(write)
            }
            (None, Some(Actual::Holds(_))) if self.is_complete => {
                Some(Write::Delete(path.to_owned()))
            }
            (None, _) => {
                self.over_limit.remove(path);
                None
            }
        }
    }

    fn has_room(&mut self, path: &str) -> bool {
        let has_room = path.len() + self.prefix_len <= self.room();
        if has_room {
            self.over_limit.remove(path);
        } else {
            self.over_limit.insert(path.to_owned());
        }
        has_room
    }

    /// How many bytes of paths the session has room for.
    fn room(&self) -> usize {
        // What is known is counted; a znode on its way may come to be.
        let on_the_way = self
            .busy
            .iter()
            .filter(|path| !self.actual.contains_key(*path));
        let busy: usize = on_the_way.map(|path| path.len() + self.prefix_len).sum();
        PATHS_LEN_MAX.saturating_sub(self.paths_len + busy)
    }

    /// Writes what finds room now.
    fn fill(&mut self) {
        let mut room = self.room();
        let mut fitting = Vec::new();
        for path in &self.over_limit {
            if let Some(left) = room.checked_sub(path.len() + self.prefix_len) {
                room = left;
                fitting.push(path.clone());
            }
        }
        fitting.into_iter().for_each(|path| self.enqueue(path));
    }

    fn set_actual(&mut self, path: &str, actual: Option<Actual>) {
        let len = path.len() + self.prefix_len;
        let before = match actual {
            Some(actual) => {
                self.paths_len += len;
                self.actual.insert(path.to_owned(), actual)
            }
            None => self.actual.remove(path),
        };
        if before.is_some() {
            self.paths_len -= len;
        }
        if !self.actual.contains_key(path) && !self.over_limit.is_empty() {
            self.fill();
        }
    }

    fn enqueue(&mut self, path: String) {
        if self.queued.insert(path.clone()) {
            self.queue.push_back(path);
        }
    }
}

#[cfg(test)]
mod tests;
