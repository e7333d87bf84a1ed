use crate::lease::PROOF_PART;
use std::time::Duration;
use tokio::time::Instant;

/// Which part of the session time-out passes without a request before a ping goes out.
const PING_PART: u32 = 4;

/// Which part of the session time-out passes without a byte from the server before the connection
/// is given up. The rest is for finding another server while the session lives.
const DEAD_PART: u32 = 2;

/// Keeps a session alive and notices a dead server.
#[derive(Debug)]
pub(crate) struct Keepalive {
    session_timeout: Duration,
    sent_at: Instant,
    received_at: Instant,
    /// When the last request went out whose answer proves that the session lives.
    proof_sent_at: Instant,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    Ping,
    /// A request in which the ensemble's leader has part.
    Proof,
    /// The server has been silent for too long.
    Dead,
}

// === impl Keepalive ===

impl Keepalive {
    pub(crate) fn new(session_timeout: Duration, now: Instant) -> Self {
        Self {
            session_timeout,
            sent_at: now,
            received_at: now,
            proof_sent_at: now,
        }
    }

    pub(crate) fn sent(&mut self, now: Instant) {
        self.sent_at = now;
    }

    pub(crate) fn proof_sent(&mut self, now: Instant) {
        self.proof_sent_at = now;
    }

    pub(crate) fn received(&mut self, now: Instant) {
        self.received_at = now;
    }

    pub(crate) fn due(&self, now: Instant, is_proof_wanted: bool) -> Due {
        if now >= self.dead_at() {
            Due::Dead
        } else if is_proof_wanted && now >= self.proof_at() {
            Due::Proof
        } else if now >= self.ping_at() {
            Due::Ping
        } else {
            Due::Nothing
        }
    }

    /// When [`due`](Self::due) has to be asked next.
    pub(crate) fn next(&self, is_proof_wanted: bool) -> Instant {
        let next = self.ping_at().min(self.dead_at());
        if is_proof_wanted {
            next.min(self.proof_at())
        } else {
            next
        }
    }

    fn proof_at(&self) -> Instant {
        self.proof_sent_at + self.session_timeout / PROOF_PART
    }

    fn ping_at(&self) -> Instant {
        self.sent_at + self.session_timeout / PING_PART
    }

    fn dead_at(&self) -> Instant {
        self.received_at + self.session_timeout / DEAD_PART
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pings_when_idle_and_gives_up_on_silence() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut keepalive = Keepalive::new(Duration::from_secs(8), start);
        assert_eq!(keepalive.due(at(1), false), Due::Nothing);
        assert_eq!(keepalive.next(false), at(2));
        assert_eq!(keepalive.due(at(2), false), Due::Ping);
        keepalive.sent(at(2));
        assert_eq!(keepalive.due(at(3), false), Due::Nothing);
        assert_eq!(keepalive.due(at(4), false), Due::Dead);
        keepalive.received(at(3));
        assert_eq!(keepalive.due(at(4), false), Due::Ping);
        assert_eq!(keepalive.due(at(7), false), Due::Dead);
    }

    #[tokio::test(start_paused = true)]
    async fn proofs_come_more_often_than_pings_where_they_are_wanted() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut keepalive = Keepalive::new(Duration::from_secs(16), start);
        assert_eq!(keepalive.next(true), at(2));
        assert_eq!(keepalive.due(at(1), true), Due::Nothing);
        assert_eq!(keepalive.due(at(2), true), Due::Proof);
        keepalive.proof_sent(at(2));
        // Reads prove nothing.
        keepalive.sent(at(3));
        assert_eq!(keepalive.next(true), at(4));
        assert_eq!(keepalive.next(false), at(7));
    }
}
