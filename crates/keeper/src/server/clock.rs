//! The two clocks.

use crate::machine::Now;
use rustix::time::{ClockId, clock_gettime};
use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Where the time comes from: the seam at which a simulation comes in.
pub trait Clock: fmt::Debug + Send + Sync {
    /// What time it is.
    fn now(&self) -> Now;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Duration,
}

// === impl SystemClock ===

impl SystemClock {
    /// Clocks that count from now on.
    pub fn new() -> Self {
        Self {
            start: since_boot(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the wall clock is read"
    )]
    fn now(&self) -> Now {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        let wall_ms = since_1970.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
        Now {
            wall_ms,
            mono: since_boot().saturating_sub(self.start),
        }
    }
}

/// Unlike the clock under `Instant`, this one goes on while the machine is suspended: a session
/// whose client lives elsewhere must not outlive its time-out by a night's sleep.
fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clocks_go_forward() {
        let clock = SystemClock::new();
        let (first, pause) = (clock.now(), Duration::from_millis(20));
        std::thread::sleep(pause);
        let second = clock.now();
        assert!(second.mono >= first.mono + pause && second.mono < Duration::from_secs(60));
        // Since 2020.
        assert!(second.wall_ms > 1_577_836_800_000);
    }
}
