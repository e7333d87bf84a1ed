//! The expiry of checks whose service reports by itself.

use std::time::Duration;

use tokio::time::Instant;

use crate::duration;
use crate::reason::Reason;

/// When the silence of a service becomes a failure.
#[derive(Clone, Debug)]
pub struct Ttl {
    ttl: Duration,
    /// `None` once expired, until the next report.
    deadline: Option<Instant>,
}

impl Ttl {
    /// Begins to wait for the first report.
    #[must_use]
    pub fn new(ttl: Duration, now: Instant) -> Self {
        Self {
            ttl,
            deadline: Some(now + ttl),
        }
    }

    /// When [`Self::expire`] is to be called next; `None` when only a report can change anything.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The service has reported, whatever it said; returns the new deadline.
    pub fn renew(&mut self, now: Instant) -> Instant {
        *self.deadline.insert(now + self.ttl)
    }

    /// The reason to fail if the time has run out by `now`, once per silence.
    pub fn expire(&mut self, now: Instant) -> Option<Reason> {
        self.deadline.take_if(|deadline| *deadline <= now)?;
        Some(Reason::new(format!(
            "the service has not reported its health for {}",
            duration::format(self.ttl)
        )))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn silence_expires_once() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut ttl = Ttl::new(5 * second, start);
        assert_eq!(ttl.deadline(), Some(start + 5 * second));
        assert_eq!(ttl.expire(start + 4 * second), None);
        let reason = ttl
            .expire(start + 5 * second)
            .expect("the time has run out");
        assert_eq!(
            reason.as_str(),
            "the service has not reported its health for 5s"
        );
        assert_eq!(ttl.expire(start + 60 * second), None);
        assert_eq!(ttl.deadline(), None);
        ttl.renew(start + 60 * second);
        assert_eq!(ttl.deadline(), Some(start + 65 * second));
    }

    proptest! {
        /// Second by second: silence lasts since the last report or the beginning.
        #[test]
        fn expiry_agrees_with_counting_seconds(seconds in 1..6_u64, reports in vec(any::<bool>(), 0..60)) {
            let start = Instant::now();
            let mut ttl = Ttl::new(Duration::from_secs(seconds), start);
            let mut silent_seconds = 0;
            for (second, report) in (1..).zip(reports) {
                let now = start + Duration::from_secs(second);
                silent_seconds += 1;
                prop_assert_eq!(ttl.expire(now).is_some(), silent_seconds == seconds);
                if report {
                    ttl.renew(now);
                    silent_seconds = 0;
                }
            }
        }
    }
}
