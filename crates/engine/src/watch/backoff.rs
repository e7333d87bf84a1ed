use std::time::Duration;

/// The longest pause before the first attempt to reconnect.
const FIRST: Duration = Duration::from_millis(25);

/// The longest pause of all. The engine is on the same host as a rule, where an attempt costs
/// next to nothing, and every pause delays the news of what its containers did meanwhile.
pub(super) const LONGEST: Duration = Duration::from_secs(1);

/// How long to wait between attempts: exponentially longer, with "equal jitter" (M. Brooker,
/// "Exponential Backoff And Jitter", 2015): half of each pause is fixed, half is random.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// The next pause. `random` is drawn evenly from 0 to 1.
    pub(super) fn next(&mut self, random: f64) -> Duration {
        let factor = 2_u32.saturating_pow(self.attempts);
        self.attempts = self.attempts.saturating_add(1);
        let half = FIRST.saturating_mul(factor).min(LONGEST) / 2;
        half + half.mul_f64(random.clamp(0.0, 1.0))
    }

    /// Begins anew, after a connection that lasted.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u128> = (0..8).map(|_| backoff.next(1.0).as_millis()).collect();
        assert_eq!(pauses, [25, 50, 100, 200, 400, 800, 1000, 1000]);
        backoff.reset();
        assert_eq!(backoff.next(1.0), FIRST);
    }

    proptest! {
        #[test]
        fn no_pause_is_nothing_or_longer_than_the_longest(attempts: u32, random in 0.0..1.0) {
            let pause = Backoff { attempts }.next(random);
            prop_assert!(pause >= FIRST / 2 && pause <= LONGEST, "{pause:?}");
        }
    }
}
