//! What is turned away: counted for who asks, and said in the log at a bounded rate.

use super::{limits::TURNED_AWAY_LOGGED_EVERY, throttle::Throttle};
use parking_lot::Mutex;
use std::{
    fmt::Display,
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

/// What is turned away, counted by those who do it.
#[derive(Debug)]
pub(super) struct Tally {
    refused: AtomicU64,
    too_long: AtomicU64,
    /// One for each kind.
    throttles: Mutex<[Throttle; Kind::ALL.len()]>,
}

/// What is turned away, and logged apart from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// There are as many connections as may be.
    Connection,
    /// The client has not said who it is.
    Silent,
    /// There is no TLS with the client.
    Tls,
    /// What the client said first is not ZooKeeper's protocol.
    Handshake,
    /// The client gets no session.
    Session,
    /// The client does not keep to the protocol.
    Misbehaved,
    /// The client does not read.
    Slow,
}

// === impl Tally ===

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            refused: AtomicU64::new(0),
            too_long: AtomicU64::new(0),
            throttles: Mutex::new(Kind::ALL.map(|_| Throttle::new(TURNED_AWAY_LOGGED_EVERY))),
        }
    }

    /// Says why a client is turned away, unless the same was said a short time ago.
    pub(super) fn tell(&self, kind: Kind, peer: SocketAddr, why: &dyn Display) {
        let ask = self.throttles.lock()[kind as usize].ask();
        if let Some(others) = ask {
            let what = kind.what();
            tracing::warn!(%peer, others_since_last = others, "{what}: {why}");
        }
    }

    /// Says how many were turned away without a word. To be called every few seconds.
    pub(super) fn tell_rest(&self) {
        for kind in Kind::ALL {
            let rest = self.throttles.lock()[kind as usize].rest();
            if let Some(others) = rest {
                let what = kind.what();
                tracing::warn!(others_since_last = others, "{what}: more of the same");
            }
        }
    }

    /// A connection was refused.
    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection is closed for the length of a frame.
    pub(super) fn cut(&self) {
        self.too_long.fetch_add(1, Ordering::Relaxed);
    }

    /// How many connections were refused.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// How many frames were too long.
    pub(super) fn too_long(&self) -> u64 {
        self.too_long.load(Ordering::Relaxed)
    }
}

// === impl Kind ===

impl Kind {
    const ALL: [Self; 7] = [
        Self::Connection,
        Self::Silent,
        Self::Tls,
        Self::Handshake,
        Self::Session,
        Self::Misbehaved,
        Self::Slow,
    ];

    fn what(self) -> &'static str {
        match self {
            Self::Connection => "a connection is refused",
            Self::Silent => "a silent connection is closed",
            Self::Tls => "a connection is closed without TLS",
            Self::Handshake => "a connection is closed without a handshake",
            Self::Session => "a session is refused",
            Self::Misbehaved => "a connection is closed",
            Self::Slow => "a slow connection is closed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_place() {
        for (index, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
        }
    }
}
