//! A clock that goes on while the machine is suspended.
//!
//! A session expires at the server, whose clock does not stop with ours. So what a holder of an
//! ephemeral znode may rely on cannot be measured with the clock under `Instant`, which stands
//! still during a suspension.

use rustix::time::{ClockId, clock_gettime};
use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};
use tokio::time::{self, Instant};

/// How late a sleeper notices that the machine was suspended: timers count the time awake only, so
/// the clock is looked at this often.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// A point in time since the machine's boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BootInstant(Duration);

/// Where points in time come from: the seam at which a simulation comes in.
pub trait BootClock: fmt::Debug + Send + Sync {
    /// What time it is. Never goes back.
    fn now(&self) -> BootInstant;
}

/// The machine's own clock, `CLOCK_BOOTTIME`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// A clock that follows tokio's, for simulations and tests that drive the time.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    start: Instant,
}

/// Waits until `at`. Notices within a tenth of a second when the machine was suspended past it.
pub async fn sleep_until(clock: &dyn BootClock, at: BootInstant) {
    loop {
        let left = at - clock.now();
        if left.is_zero() {
            return;
        }
        time::sleep(left.min(LOOK_INTERVAL)).await;
    }
}

// === impl BootInstant ===

impl BootInstant {
    /// So long after the machine's boot.
    pub fn since_boot(since: Duration) -> Self {
        Self(since)
    }

    /// So much earlier, or the boot.
    #[must_use]
    pub fn earlier(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(by))
    }
}

impl Add<Duration> for BootInstant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

impl Sub for BootInstant {
    type Output = Duration;

    /// How much later this is; zero when it is earlier.
    fn sub(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

// === impl SystemClock ===

impl BootClock for SystemClock {
    fn now(&self) -> BootInstant {
        let time = clock_gettime(ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
        BootInstant(Duration::new(seconds, nanos))
    }
}

// === impl TokioClock ===

impl TokioClock {
    /// Counts from now on.
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for TokioClock {
    fn default() -> Self {
        Self::new()
    }
}

impl BootClock for TokioClock {
    fn now(&self) -> BootInstant {
        BootInstant(self.start.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;

    const HOUR: Duration = Duration::from_secs(3600);

    /// A clock that is set by hand, as by a suspension.
    #[derive(Debug, Default)]
    struct Set(Mutex<BootInstant>);

    impl BootClock for Set {
        fn now(&self) -> BootInstant {
            *self.0.lock()
        }
    }

    #[test]
    fn the_system_clock_goes_forward() {
        let first = SystemClock.now();
        let pause = Duration::from_millis(5);
        std::thread::sleep(pause);
        assert!(SystemClock.now() - first >= pause);
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleeper_notices_that_the_machine_was_suspended() {
        let clock = Set::default();
        let began = Instant::now();
        let suspended = async {
            time::sleep(Duration::from_secs(1)).await;
            *clock.0.lock() = BootInstant::since_boot(2 * HOUR);
        };
        tokio::join!(
            sleep_until(&clock, BootInstant::since_boot(HOUR)),
            suspended
        );
        assert!(began.elapsed() <= Duration::from_secs(1) + LOOK_INTERVAL);
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleeper_wakes_at_its_time() {
        let clock = TokioClock::new();
        sleep_until(&clock, BootInstant::since_boot(HOUR)).await;
        let late = clock.now() - BootInstant::since_boot(HOUR);
        assert!(late < LOOK_INTERVAL, "{late:?}");
        assert_eq!(BootInstant::since_boot(HOUR) - clock.now(), Duration::ZERO);
    }
}
