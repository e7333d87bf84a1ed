//! What settings may be of which not every value makes sense.

use crate::exit::Failure;
use dockeeper_health::duration;
use dockeeper_keeper::server::limits::FRAME_LEN_MAX;
use std::{ops::RangeInclusive, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The unit of time-outs. Each tick is work, and a session outlives its time-out by up to one.
pub(super) const TICK: Bounds<Duration> =
    Bounds(Duration::from_millis(10)..=Duration::from_secs(60));

/// A session time-out: from the shortest tick to what the protocol's milliseconds can say.
pub(super) const SESSION_TIMEOUT: Bounds<Duration> =
    Bounds(Duration::from_millis(10)..=DAY.saturating_mul(24));

/// How often the reaper runs.
pub(super) const REAP_INTERVAL: Bounds<Duration> = Bounds(Duration::from_millis(10)..=DAY);

/// A request's length. With less, not even a create with a path, a little data and an access
/// control list gets through; with more, one turn of the server would not fit into the log.
pub(super) const FRAME_LEN: Bounds<usize> = Bounds(1024..=FRAME_LEN_MAX);

/// Sessions. Each takes a few hundred bytes.
pub(super) const SESSIONS: Bounds<usize> = Bounds(1..=10_000_000);

/// A connection's watches. Each takes a few hundred bytes.
pub(super) const WATCHES: Bounds<usize> = Bounds(1..=10_000_000);

/// The least and the most that a setting may be.
pub(super) struct Bounds<T>(RangeInclusive<T>);

/// A value as a person writes it.
pub(super) trait Written: PartialOrd + Copy {
    fn written(self) -> String;
}

// === impl Bounds ===

impl<T: Written> Bounds<T> {
    /// The value of an option, if it is within the bounds.
    pub(super) fn check(&self, option: &str, value: T) -> Result<T, Failure> {
        if self.0.contains(&value) {
            return Ok(value);
        }
        let (least, most) = (self.0.start().written(), self.0.end().written());
        let value = value.written();
        Err(Failure::usage(format!(
            "--{option} has to be {least} to {most}, and it is {value}"
        )))
    }
}

// === impl Written ===

impl Written for usize {
    fn written(self) -> String {
        self.to_string()
    }
}

impl Written for Duration {
    fn written(self) -> String {
        duration::format(self)
    }
}
