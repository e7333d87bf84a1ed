//! A container that is meant to stand in an election, as the catalog sees it.

use super::labels::Election;
use dockeeper_engine::ContainerId;
use dockeeper_model::ElectionStatus;
use std::{collections::BTreeMap, net::SocketAddr};

/// One run of a container: what an earlier run was told says nothing to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::host) struct Run {
    pub(in crate::host) id: ContainerId,
    pub(in crate::host) started_at_ms: i64,
}

/// A container that is meant to stand in an election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::host) struct Contender {
    pub(in crate::host) name: String,
    pub(in crate::host) election: Election,
    pub(in crate::host) fitness: Fitness,
    /// Where its ports are reached, by their numbers inside.
    pub(in crate::host) ports: BTreeMap<u16, SocketAddr>,
}

/// Whether a container may stand, and be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::host) enum Fitness {
    /// It is well.
    Fit,
    /// It runs, and must not stand.
    Unfit(String),
    /// It must not stand, and can be told nothing for now.
    Frozen(String),
    /// This run of it is over.
    Gone,
}

/// All of a host.
pub(in crate::host) type Contenders = BTreeMap<Run, Contender>;

/// What they are in their elections.
pub(in crate::host) type Statuses = BTreeMap<Run, ElectionStatus>;
