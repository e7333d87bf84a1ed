//! What the server allows, and how its clock ticks.

use crate::{acl::Schemes, sessions::TimeoutRange};
use dockeeper_zk_proto::frame;
use std::time::Duration;

/// A tick that is not configured otherwise: Apache's own.
pub const TICK_DEFAULT: Duration = Duration::from_secs(2);

/// How many sessions there may be unless configured otherwise. Each takes a few hundred bytes, and
/// a snapshot begins with all of them in one piece.
pub const SESSIONS_MAX_DEFAULT: usize = 100_000;

/// How many watches a session may have unless configured otherwise: enough for a mirror of a large
/// tree by one-shot watches, and a bound on what one client can make the server hold.
pub const WATCHES_MAX_DEFAULT: usize = 1_000_000;

/// How often containers and znodes with a time to live are looked at: Apache's own interval.
pub const REAP_INTERVAL_DEFAULT: Duration = Duration::from_secs(60);

/// The topmost byte of session ids unless configured otherwise: what Apache's standalone server
/// has.
pub const SERVER_ID_DEFAULT: u8 = 1;

/// What the server allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The unit of session time-outs; sessions expire at whole ticks, and
    /// [`Machine::tick`](crate::Machine::tick) is called once in each.
    pub tick: Duration,
    /// The shortest session time-out, in milliseconds; shorter wishes are raised to it.
    pub session_timeout_min_ms: i32,
    /// The longest session time-out, in milliseconds; longer wishes are cut to it.
    pub session_timeout_max_ms: i32,
    /// The longest request, in bytes. A connection that sends a longer one is closed.
    pub frame_len_max: usize,
    /// Whether znodes may have a time to live.
    pub has_extended_types: bool,
    /// Whether a write that goes over a hard quota is refused. Quotas are counted in any case.
    pub enforces_quotas: bool,
    /// How many sessions there may be. A client that wants one more is hung up on.
    pub sessions_max: usize,
    /// How many watches one connection may have.
    pub watches_max: usize,
    /// How often containers and znodes with a time to live are looked at.
    pub reap_interval: Duration,
    /// The topmost byte of session ids.
    pub server_id: u8,
    /// How clients are told apart.
    pub schemes: Schemes,
}

/// How much the log still takes.
///
/// Writes are refused when they do not fit. A part is kept for the begin and end of sessions, so
/// that a full disk does not make sessions immortal.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Room {
    /// More than any request needs.
    Plenty,
    /// So many bytes of encoded entries, from this moment on: entries that the machine has given
    /// out are already counted off.
    Bytes(u64),
}

// === impl Rules ===

impl Rules {
    /// The session time-outs that are granted.
    pub fn timeouts(&self) -> TimeoutRange {
        TimeoutRange {
            min_ms: self.session_timeout_min_ms,
            max_ms: self.session_timeout_max_ms,
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        let tick_ms = i32::try_from(TICK_DEFAULT.as_millis()).unwrap_or(i32::MAX);
        Self {
            tick: TICK_DEFAULT,
            session_timeout_min_ms: tick_ms.saturating_mul(2),
            session_timeout_max_ms: tick_ms.saturating_mul(20),
            frame_len_max: frame::LEN_MAX_DEFAULT,
            has_extended_types: true,
            enforces_quotas: false,
            sessions_max: SESSIONS_MAX_DEFAULT,
            watches_max: WATCHES_MAX_DEFAULT,
            reap_interval: REAP_INTERVAL_DEFAULT,
            server_id: SERVER_ID_DEFAULT,
            schemes: Schemes::default(),
        }
    }
}
