//! One check of the roster.

use std::sync::Arc;

use tokio::time::Instant;

use super::ProbeId;
use crate::check::{Check, Probe};
use crate::tally::Tally;
use crate::target::Target;
use crate::ttl::Ttl;

/// A check and how far it has come.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) check: Arc<Check>,
    pub(super) target: Arc<Target>,
    pub(super) tally: Tally,
    pub(super) course: Course,
    /// Whether the owner is still to be told the verdict.
    pub(super) untold: bool,
}

/// What happens next to a check.
#[derive(Debug)]
pub(super) enum Course {
    /// Its probe is due then.
    Waiting(Instant),
    /// Its probe waits for its turn.
    Ready,
    /// It is being probed.
    InFlight(ProbeId),
    /// Its service reports.
    Reported(Ttl),
}

impl Entry {
    /// A check that begins: at `first_probe`, or with the time to live that it gives its service.
    pub(super) fn new(check: Check, target: Target, now: Instant, first_probe: Instant) -> Self {
        let course = match check.probe {
            Probe::Ttl(ttl) => Course::Reported(Ttl::new(ttl, now)),
            _ => Course::Waiting(first_probe),
        };
        Self {
            tally: Tally::new(&check),
            check: Arc::new(check),
            target: Arc::new(target),
            course,
            untold: false,
        }
    }

    /// When something falls due, unless that depends on something else.
    pub(super) fn due(&self) -> Option<Instant> {
        match &self.course {
            Course::Waiting(due) => Some(*due),
            Course::Reported(ttl) => ttl.deadline(),
            Course::Ready | Course::InFlight(_) => None,
        }
    }
}
