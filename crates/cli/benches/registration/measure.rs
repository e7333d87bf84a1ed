use std::time::{SystemTime, UNIX_EPOCH};

/// Times in milliseconds.
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn new(mut times_ms: Vec<f64>) -> Self {
        times_ms.sort_by(f64::total_cmp);
        Self(times_ms)
    }

    /// The time that so many of a hundred do not exceed.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0[rank - 1]
    }
}

/// The wall clock in nanoseconds: that of Docker's events.
#[expect(
    clippy::disallowed_methods,
    reason = "Docker's events are in wall-clock time"
)]
pub(crate) fn now_ns() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since_1970.as_nanos()).unwrap()
}

/// Milliseconds between two times in nanoseconds.
pub(crate) fn ms_between(from_ns: i64, to_ns: i64) -> f64 {
    (to_ns - from_ns) as f64 / 1e6
}
