//! Says things at a bounded rate.

use std::time::Duration;
use tokio::time::Instant;

/// Lets one through in each interval, and counts the others.
#[derive(Debug)]
pub(super) struct Throttle {
    interval: Duration,
    last: Option<Instant>,
    held_back: u64,
}

// === impl Throttle ===

impl Throttle {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            last: None,
            held_back: 0,
        }
    }

    /// Whether to say it now, and how often it was held back since it was said last.
    pub(super) fn ask(&mut self) -> Option<u64> {
        let now = Instant::now();
        if self.is_early(now) {
            self.held_back += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.held_back))
    }

    /// How often it was held back, once that is due to be said.
    pub(super) fn rest(&mut self) -> Option<u64> {
        let now = Instant::now();
        if self.held_back == 0 || self.is_early(now) {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.held_back))
    }

    fn is_early(&self, now: Instant) -> bool {
        self.last.is_some_and(|last| now < last + self.interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_in_each_interval() {
        let mut throttle = Throttle::new(Duration::from_secs(10));
        assert_eq!(throttle.ask(), Some(0));
        assert_eq!((throttle.ask(), throttle.ask()), (None, None));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(throttle.ask(), Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_held_back_is_said_in_the_end() {
        let mut throttle = Throttle::new(Duration::from_secs(10));
        assert_eq!((throttle.ask(), throttle.rest()), (Some(0), None));
        assert_eq!((throttle.ask(), throttle.ask()), (None, None));
        assert_eq!(throttle.rest(), None);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!((throttle.rest(), throttle.rest()), (Some(2), None));
        assert_eq!(throttle.ask(), None);
    }
}
