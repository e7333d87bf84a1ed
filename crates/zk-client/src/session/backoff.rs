use fastrand::Rng;
use std::time::Duration;

/// The pause behind the first round of hosts that did not answer.
const PAUSE_MIN: Duration = Duration::from_millis(20);

/// The longest pause. A session is worth seconds: a client must be back soon after its servers.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// The pauses between rounds of attempts to connect.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    rounds: u32,
}

// === impl Backoff ===

impl Backoff {
    /// The pause behind one more failed round: doubles, up to a bound, and is drawn from the upper
    /// half so that clients that lost the same server do not come back at once.
    pub(crate) fn pause(&mut self, rng: &mut Rng) -> Duration {
        let full = PAUSE_MIN
            .saturating_mul(1 << self.rounds.min(16))
            .min(PAUSE_MAX);
        self.rounds = self.rounds.saturating_add(1);
        full.mul_f64(0.5 + rng.f64() / 2.0)
    }

    /// How often a round has failed.
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_its_bound_and_varies() {
        let mut rng = Rng::with_seed(7);
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..100).map(|_| backoff.pause(&mut rng)).collect();
        assert!(pauses[0] >= PAUSE_MIN / 2 && pauses[0] <= PAUSE_MIN);
        assert!(pauses.iter().all(|pause| *pause <= PAUSE_MAX));
        assert!(pauses[20..].iter().all(|pause| *pause >= PAUSE_MAX / 2));
        assert_ne!(pauses[98], pauses[99]);
    }
}
