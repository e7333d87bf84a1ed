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
        if self.last.is_some_and(|last| now < last + self.interval) {
            self.held_back += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.held_back))
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
}
