//! What many simulations came to.

use crate::history::{Events, Tenure};
use std::time::Duration;

/// What simulations came to, to be seen that they try what they should.
#[derive(Debug, Default)]
pub(crate) struct Total {
    pub(crate) tenures: usize,
    /// Those that outlasted what their holders could be sure of.
    pub(crate) lost: usize,
    pub(crate) cancelled: usize,
    pub(crate) accepted: usize,
    /// Writes that came too late.
    pub(crate) refused: usize,
    /// The longest time after a storm until everybody was served.
    pub(crate) longest_calm: Duration,
}

// === impl Total ===

impl Total {
    pub(crate) fn count(&mut self, events: &Events) {
        self.tenures += events.tenures.len();
        let lost = |tenure: &&Tenure| tenure.released_at.is_none_or(|at| at > tenure.sure_until);
        self.lost += events.tenures.iter().filter(lost).count();
        self.cancelled += events.cancelled;
        let accepted = events.writes.iter().filter(|write| write.is_accepted);
        let accepted = accepted.count();
        self.accepted += accepted;
        self.refused += events.writes.len() - accepted;
        self.longest_calm = self.longest_calm.max(events.calm);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.tenures += other.tenures;
        self.lost += other.lost;
        self.cancelled += other.cancelled;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.longest_calm = self.longest_calm.max(other.longest_calm);
    }
}
