//! For how long a session certainly lives.

use crate::clock::BootInstant;
use std::time::Duration;

/// For how long a session certainly lives without another word from its server.
///
/// It moves on with each answer to a request in which the ensemble's leader had part: a write, a
/// [`sync`](crate::Client::sync) or the handshake. An answered ping proves nothing: a server that is
/// cut off from its leader goes on answering pings for as long as `syncLimit`, while the leader lets
/// the session expire. For as long as somebody holds a receiver of the lease, the client sends a
/// `sync` whenever an eighth of the session time-out has passed without such a request.
///
/// The time is counted from the sending of the request, on a clock that does not stop when the
/// machine is suspended.
///
/// A holder takes a margin off. A follower tells its leader only twice a tick which sessions have
/// spoken, so what the leader knows of this one may be as old as half a tick, a quarter of the
/// shortest session time-out that it grants by default, and one pause between two requests:
/// [`sure_until`](Self::sure_until) counts with both.
///
/// That margin also covers a leader that is cut off from its followers and goes on for up to a tick
/// and a half longer than they wait for it, if the session time-out is four ticks or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The last proof's time of sending and the session time-out.
    pub until: BootInstant,
    /// The session time-out that the server granted.
    pub session_timeout: Duration,
}

/// Which part of the session time-out passes between two proofs while somebody watches the lease.
pub(crate) const PROOF_PART: u32 = 8;

/// How many of those parts are not relied on: two for half a tick of the server's, one for the pause
/// between two proofs.
const MARGIN_PARTS: u32 = 3;

// === impl Lease ===

impl Lease {
    pub(crate) fn new(sent_at: BootInstant, session_timeout: Duration) -> Self {
        Self {
            until: sent_at + session_timeout,
            session_timeout,
        }
    }

    /// What has to be taken off: three eighths of the session time-out.
    pub fn margin(&self) -> Duration {
        self.session_timeout / PROOF_PART * MARGIN_PARTS
    }

    /// Until when no server can have ended the session.
    pub fn sure_until(&self) -> BootInstant {
        self.until.earlier(self.margin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_is_taken_off() {
        let at = |seconds| BootInstant::since_boot(Duration::from_secs(seconds));
        let lease = Lease::new(at(100), Duration::from_secs(8));
        assert_eq!(lease.until, at(108));
        assert_eq!(lease.sure_until(), at(105));
    }
}
