//! The health check of a container's port, as it is handed to the monitor.

use dockeeper_engine::ContainerId;
use dockeeper_health::{Check, Target, Verdict, monitor::Key};
use dockeeper_model::InstanceId;
use std::fmt;

/// A health check that is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Watched {
    /// The id of the instances that it decides about, in all of the port's services.
    pub(super) instance: InstanceId,
    pub(super) check: Check,
    pub(super) target: Target,
}

/// Names the check of a port during one run of its container. The container's name is no part of
/// it: a new name says nothing about health. The run is: the next one has to prove itself anew.
pub(super) fn key(
    container: ContainerId,
    started_at_ms: i64,
    port: u16,
    protocol: impl fmt::Display,
) -> Key {
    format!("{container}:{port}/{protocol}@{started_at_ms}").into()
}

// === impl Watched ===

impl Watched {
    /// Whether what is known of the one holds for the other.
    pub(super) fn is_same_check(&self, other: &Self) -> bool {
        self.check == other.check && self.target == other.target
    }

    /// The same check, which begins with what is known already.
    pub(super) fn beginning_with(mut self, verdict: Option<&Verdict>) -> Self {
        if let Some(verdict) = verdict {
            self.check.initial = verdict.clone();
        }
        self
    }
}
