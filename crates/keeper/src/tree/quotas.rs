//! Quotas: counting what trees have.
//!
//! The counts are kept in znodes that clients can read, and change with the transaction that they
//! count. Their stats do not tell of it, as with Apache.

use super::{NodeId, Stamp, Tree, journal::Undo};
use crate::quota::{Exceeded, Limits, QuotaNode, Usage};

// === impl Tree ===

impl Tree {
    /// Whether `change` at `path` would go over a limit.
    pub(crate) fn check_quota(&self, path: &str, change: Usage) -> Result<(), Exceeded> {
        let Some(tree) = self.governed.tree(path) else {
            return Ok(());
        };
        let data = |kind: QuotaNode| {
            let id = self.find(&kind.path(tree)).ok()?;
            Some(self.nodes[id].data().unwrap_or_default())
        };
        // What is not a quota does not limit.
        let limits = data(QuotaNode::Limits).and_then(|data| Limits::parse(data).ok());
        let usage = data(QuotaNode::Stats).and_then(|data| Usage::parse(data).ok());
        match (limits, usage) {
            (Some(limits), Some(usage)) => limits.check(usage, change),
            _ => Ok(()),
        }
    }

    pub(super) fn count_created(&mut self, id: NodeId, path: &str, stamp: Stamp) {
        match QuotaNode::of(path) {
            Some((QuotaNode::Limits, tree)) => {
                self.governed.add(tree);
                self.journal.note(|| Undo::QuotaAdded(tree.to_owned()));
            }
            Some((QuotaNode::Stats, tree)) => {
                let usage = self.usage(tree);
                self.write_usage(id, usage, stamp);
            }
            None => {}
        }
        let change = Usage::of_node(self.nodes[id].data_len());
        self.count(path, change, stamp);
    }

    pub(super) fn count_deleted(&mut self, path: &str, data_len: usize, stamp: Stamp) {
        if let Some((QuotaNode::Limits, tree)) = QuotaNode::of(path) {
            self.governed.remove(tree);
            self.journal.note(|| Undo::QuotaRemoved(tree.to_owned()));
        }
        let change = Usage::default().minus(Usage::of_node(data_len));
        self.count(path, change, stamp);
    }

    pub(super) fn count_set(&mut self, path: &str, before: usize, after: usize, stamp: Stamp) {
        self.count(path, Usage::of_set(before, after), stamp);
    }

    /// Finds the trees that have quotas in a tree that was put back.
    pub(super) fn find_quotas(&mut self) {
        let Ok(top) = self.find(crate::quota::ROOT) else {
            return;
        };
        let mut below: Vec<_> = self.children(top).collect();
        while let Some(id) = below.pop() {
            below.extend(self.children(id));
            if self.nodes[id].name() == crate::quota::LIMITS.as_bytes()
                && let Some((_, tree)) = QuotaNode::of(&self.path(id))
            {
                self.governed.add(tree);
            }
        }
    }

    fn count(&mut self, path: &str, change: Usage, stamp: Stamp) {
        let Some(tree) = self.governed.tree(path) else {
            return;
        };
        let Ok(id) = self.find(&QuotaNode::Stats.path(tree)) else {
            return;
        };
        // Something else than a count begins anew, as one that is empty does.
        let unset = Usage {
            count: -1,
            bytes: -1,
        };
        let data = self.nodes[id].data().unwrap_or_default();
        let usage = Usage::parse(data).unwrap_or(unset);
        self.write_usage(id, usage.plus(change), stamp);
    }

    fn write_usage(&mut self, id: NodeId, usage: Usage, stamp: Stamp) {
        self.replace_data(id, Some(usage.to_string().as_bytes()), |_| {});
        self.quota_zxid = stamp.zxid;
    }

    /// What a tree has: nothing, if it is not there.
    fn usage(&self, path: &str) -> Usage {
        let mut usage = Usage::default();
        let mut below: Vec<_> = self.find(path).into_iter().collect();
        while let Some(id) = below.pop() {
            usage = usage.plus(Usage::of_node(self.nodes[id].data_len()));
            below.extend(self.children(id));
        }
        usage
    }
}
