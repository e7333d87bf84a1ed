//! Quotas: how many znodes and bytes a tree may have, and how many it has.
//!
//! The quota of `/a/b` is two znodes under `/zookeeper/quota/a/b`: a client writes
//! `zookeeper_limits`, the server counts in `zookeeper_stats`. A znode counts for the nearest
//! quota at or above it only, and nothing counts for the root. The formats are those of Apache's
//! `StatsTrack`.

mod format;
mod governed;
#[cfg(test)]
mod tests;

pub use self::{
    format::Malformed,
    governed::{Governed, QuotaNode},
};

/// Where quotas are kept.
pub const ROOT: &str = "/zookeeper/quota";

/// The name of the znode with the limits.
pub const LIMITS: &str = "zookeeper_limits";

/// The name of the znode with what there is.
pub const STATS: &str = "zookeeper_stats";

/// How many znodes and bytes a tree has, or how many more (or fewer) it comes to have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Znodes, the topmost one included.
    pub count: i64,
    /// Bytes of their data.
    pub bytes: i64,
}

/// How many znodes and bytes a tree may have. `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Znodes: above this there are warnings.
    pub count: Option<i64>,
    /// Bytes: above this there are warnings.
    pub bytes: Option<i64>,
    /// Znodes: what would go above this is refused. Then `count` does not matter.
    pub count_hard: Option<i64>,
    /// Bytes: what would go above this is refused. Then `bytes` does not matter.
    pub bytes_hard: Option<i64>,
}

/// A change goes over a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the tree would have {value} {what}, and its {} limit is {limit}; delete some or raise the \
     limit", if *.is_hard { "hard" } else { "soft" }
)]
pub struct Exceeded {
    /// What there is too much of: `znodes` or `bytes`.
    pub what: &'static str,
    /// How much there would be.
    pub value: i64,
    /// How much there may be.
    pub limit: i64,
    /// Whether the change is to be refused, rather than to be warned of.
    pub is_hard: bool,
}

// === impl Usage ===

impl Usage {
    /// What a znode with so much data counts for.
    pub fn of_node(data_len: usize) -> Self {
        Self {
            count: 1,
            bytes: len(data_len),
        }
    }

    /// What it counts for that a znode's data is replaced.
    pub fn of_set(before_len: usize, after_len: usize) -> Self {
        Self {
            count: 0,
            bytes: len(after_len) - len(before_len),
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    /// The one without the other.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_sub(other.count),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

// === impl Limits ===

impl Limits {
    /// Whether `change` takes a tree that has `usage` over a limit: one that is hard if there is
    /// such, otherwise one that is soft. What does not change is not looked at.
    pub fn check(&self, usage: Usage, change: Usage) -> Result<(), Exceeded> {
        let after = usage.plus(change);
        let count = (change.count != 0)
            .then(|| exceeded("znodes", after.count, self.count, self.count_hard))
            .flatten();
        let bytes = (change.bytes != 0)
            .then(|| exceeded("bytes", after.bytes, self.bytes, self.bytes_hard))
            .flatten();
        let mut all = count.into_iter().chain(bytes);
        match all
            .clone()
            .find(|exceeded| exceeded.is_hard)
            .or_else(|| all.next())
        {
            Some(exceeded) => Err(exceeded),
            None => Ok(()),
        }
    }
}

fn exceeded(
    what: &'static str,
    value: i64,
    soft: Option<i64>,
    hard: Option<i64>,
) -> Option<Exceeded> {
    let limit = hard.or(soft)?;
    (value > limit).then_some(Exceeded {
        what,
        value,
        limit,
        is_hard: hard.is_some(),
    })
}

fn len(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}
