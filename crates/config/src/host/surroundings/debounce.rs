use std::time::Duration;
use tokio::time::Instant;

/// For how long nothing may change before what asked for it is rendered again: instances come and
/// go in groups.
pub const WAIT_MIN: Duration = Duration::from_millis(100);

/// How long after a change it is told of at the latest, even if others follow all the time.
pub const WAIT_MAX: Duration = Duration::from_secs(2);

/// Changes that are told of together.
#[derive(Debug, Default)]
pub(super) struct Debounce {
    /// When the first and the last of them came.
    changes: Option<(Instant, Instant)>,
}

// === impl Debounce ===

impl Debounce {
    pub(super) fn change(&mut self, now: Instant) {
        let (first, _) = self.changes.unwrap_or((now, now));
        self.changes = Some((first, now));
    }

    /// When they are to be told of; `None` when there are none.
    pub(super) fn due(&self) -> Option<Instant> {
        let (first, last) = self.changes?;
        Some((last + WAIT_MIN).min(first + WAIT_MAX))
    }

    /// They are told of.
    pub(super) fn reset(&mut self) {
        self.changes = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_change_waits_for_the_minimum_and_endless_ones_for_the_maximum() {
        let start = Instant::now();
        let mut debounce = Debounce::default();
        assert_eq!(debounce.due(), None);
        debounce.change(start);
        assert_eq!(debounce.due(), Some(start + WAIT_MIN));
        for ms in (50..5000).step_by(50) {
            debounce.change(start + Duration::from_millis(ms));
        }
        assert_eq!(debounce.due(), Some(start + WAIT_MAX));
        debounce.reset();
        assert_eq!(debounce.due(), None);
    }
}
