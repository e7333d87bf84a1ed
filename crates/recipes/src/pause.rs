use std::time::Duration;

/// The longest pause before the first repetition.
const FIRST: Duration = Duration::from_millis(25);

/// The longest pause of all: a server that is busy for a moment has to be asked again soon, for
/// what a mirror shows is old meanwhile.
const LONGEST: Duration = Duration::from_secs(1);

/// The pauses between repetitions of a request: exponentially longer, with "equal jitter" (M.
/// Brooker, "Exponential Backoff And Jitter", 2015), so that the many requests that a server
/// throttled together do not come back together.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    count: u32,
}

// === impl Pauses ===

impl Pauses {
    /// The next pause. `random` is drawn evenly from 0 to 1.
    pub(crate) fn next(&mut self, random: f64) -> Duration {
        let factor = 2_u32.saturating_pow(self.count);
        self.count = self.count.saturating_add(1);
        let half = FIRST.saturating_mul(factor).min(LONGEST) / 2;
        half + half.mul_f64(random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut pauses = Pauses::default();
        let millis: Vec<_> = (0..8).map(|_| pauses.next(1.0).as_millis()).collect();
        assert_eq!(millis, [25, 50, 100, 200, 400, 800, 1000, 1000]);
        pauses.count = u32::MAX;
        assert_eq!(pauses.next(0.0), LONGEST / 2);
    }
}
