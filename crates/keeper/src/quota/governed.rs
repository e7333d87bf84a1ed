//! Which quota a znode counts for.

use super::{LIMITS, ROOT, STATS};
use dockeeper_zk_proto::path::{ancestors, join, name, parent};
use std::collections::HashSet;

/// What a znode below [`ROOT`] is for a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaNode {
    /// It says how much there may be.
    Limits,
    /// It says how much there is.
    Stats,
}

/// The trees that have limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Governed {
    trees: HashSet<Box<str>>,
}

// === impl QuotaNode ===

impl QuotaNode {
    /// The tree that the znode `path` is the limits or the stats of, if it is either. The root
    /// cannot have any.
    pub fn of(path: &str) -> Option<(Self, &str)> {
        let kind = match name(path) {
            LIMITS => Self::Limits,
            STATS => Self::Stats,
            _ => return None,
        };
        let tree = parent(path)?.strip_prefix(ROOT)?;
        tree.starts_with('/').then_some((kind, tree))
    }

    /// The path of the znode that is this for the quota of `tree`.
    pub fn path(self, tree: &str) -> String {
        let name = match self {
            Self::Limits => LIMITS,
            Self::Stats => STATS,
        };
        join(&format!("{ROOT}{tree}"), name)
    }
}

// === impl Governed ===

impl Governed {
    /// A tree has limits from now on.
    pub fn add(&mut self, tree: &str) {
        self.trees.insert(tree.into());
    }

    /// A tree has no limits any more.
    pub fn remove(&mut self, tree: &str) {
        self.trees.remove(tree);
    }

    /// The tree for whose quota the znode `path` counts: the nearest with limits, itself
    /// included.
    pub fn tree<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.trees.is_empty() {
            return None;
        }
        ancestors(path).find(|ancestor| self.trees.contains(*ancestor))
    }
}
