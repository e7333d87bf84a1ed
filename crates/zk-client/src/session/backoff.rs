use fastrand::Rng;
use std::time::Duration;

/// The pause behind the first round of hosts that did not answer.
const PAUSE_MIN: Duration = Duration::from_millis(20);

/// The longest pause. A session is worth seconds: a client must be back soon after its servers.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Which part of the session time-out a pause takes at most: a short session must outlive some.
const SESSION_PART: u32 = 8;

/// The pauses between rounds of attempts to connect.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    rounds: u32,
    /// Attempts that a host left without an answer.
    unanswered: u32,
    /// Whether the last connection was of any use.
    has_worked: bool,
}

// === impl Backoff ===

impl Backoff {
    /// The pause behind one more failed round: doubles, up to a bound, and is drawn from the upper
    /// half so that clients that lost the same server do not come back at once.
    pub(crate) fn pause(&mut self, rng: &mut Rng, session_timeout: Duration) -> Duration {
        let full = PAUSE_MIN
            .saturating_mul(1 << self.rounds.min(16))
            .min(session_timeout / SESSION_PART)
            .min(PAUSE_MAX);
        self.rounds = self.rounds.saturating_add(1);
        full.mul_f64(0.5 + rng.f64() / 2.0)
    }

    /// A server has answered a request: the next pause is a short one again.
    pub(crate) fn worked(&mut self) {
        self.rounds = 0;
        self.unanswered = 0;
        self.has_worked = true;
    }

    /// The pause behind a lost connection: none if it was of use, one as behind a failed round if
    /// it was not. A server that takes a session and hangs up each time is not asked without end.
    pub(crate) fn pause_when_lost(
        &mut self,
        rng: &mut Rng,
        session_timeout: Duration,
    ) -> Option<Duration> {
        if std::mem::take(&mut self.has_worked) {
            return None;
        }
        Some(self.pause(rng, session_timeout))
    }

    /// A host has taken more time than it had.
    pub(crate) fn timed_out(&mut self) {
        self.unanswered = self.unanswered.saturating_add(1);
    }

    /// How many hosts had too little time. Those that refuse at once do not count: a server that is
    /// started anew refuses many times, and then must not be waited for until the session is over.
    pub(crate) fn unanswered(&self) -> u32 {
        self.unanswered
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
        let session = Duration::from_secs(10);
        let pauses: Vec<_> = (0..100).map(|_| backoff.pause(&mut rng, session)).collect();
        assert!(pauses[0] >= PAUSE_MIN / 2 && pauses[0] <= PAUSE_MIN);
        assert!(pauses.iter().all(|pause| *pause <= PAUSE_MAX));
        assert!(pauses[20..].iter().all(|pause| *pause >= PAUSE_MAX / 2));
        assert_ne!(pauses[98], pauses[99]);
        let short = Duration::from_secs(1);
        assert!(backoff.pause(&mut rng, short) <= short / 8);
    }

    #[test]
    fn a_connection_of_no_use_costs_a_pause() {
        let mut rng = Rng::with_seed(7);
        let mut backoff = Backoff::default();
        let session = Duration::from_secs(10);
        backoff.worked();
        assert_eq!(backoff.pause_when_lost(&mut rng, session), None);
        assert!(backoff.pause_when_lost(&mut rng, session).unwrap() <= PAUSE_MIN);
        assert!(backoff.pause_when_lost(&mut rng, session).unwrap() >= PAUSE_MIN);
        assert_eq!(backoff.unanswered(), 0);
        backoff.timed_out();
        assert_eq!(backoff.unanswered(), 1);
        backoff.worked();
        assert_eq!((backoff.rounds(), backoff.unanswered()), (0, 0));
    }
}
