//! Live sessions: their numbers, their passwords, and when they end.
//!
//! All time is the duration since the server's start, on a clock that also counts while the
//! machine sleeps.

mod expiry;
mod ids;
mod password;
#[cfg(test)]
mod tests;
mod timeout;

pub use self::{ids::SessionIds, password::PasswordKey, timeout::TimeoutRange};

use crate::ConnId;
use expiry::{Expiry, Place};
use std::{collections::HashMap, time::Duration};

/// There are as many sessions as there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("as many sessions are open as may be ({max}); close some or raise the limit")]
pub struct TooMany {
    /// How many there may be.
    pub max: usize,
}

/// A live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// How long it outlives its last sign of life, in milliseconds.
    pub timeout_ms: i32,
    /// The connection that it is on; none between two.
    pub conn: Option<ConnId>,
    place: Place,
}

/// Live sessions, and when each ends if nothing is heard of it.
#[derive(Debug)]
pub struct Sessions {
    sessions: HashMap<i64, Session>,
    expiry: Expiry,
    max: usize,
}

// === impl Sessions ===

impl Sessions {
    /// No sessions yet; `max` may live at a time. Sessions end at multiples of `tick`.
    pub fn new(tick: Duration, max: usize) -> Self {
        Self {
            sessions: HashMap::new(),
            expiry: Expiry::new(tick),
            max,
        }
    }

    /// How many live.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether none lives.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Whether there is room for one more, or why not.
    pub fn room(&self) -> Result<(), TooMany> {
        if self.sessions.len() < self.max {
            Ok(())
        } else {
            Err(TooMany { max: self.max })
        }
    }

    /// A session begins at `now`, without a connection. One that lives already lives on with the
    /// new time-out.
    ///
    /// The limit is not looked at: what is in the log has begun. See [`room`](Self::room).
    pub fn begin(&mut self, id: i64, timeout_ms: i32, now: Duration) {
        if self.touch_with(id, Some(timeout_ms), now) {
            return;
        }
        let place = self.expiry.put(id, now, timeout_ms);
        self.sessions.insert(
            id,
            Session {
                timeout_ms,
                conn: None,
                place,
            },
        );
    }

    /// A session ends; `None` if there is none.
    pub fn end(&mut self, id: i64) -> Option<Session> {
        let session = self.sessions.remove(&id)?;
        self.take(session.place);
        Some(session)
    }

    /// A session.
    pub fn get(&self, id: i64) -> Option<&Session> {
        self.sessions.get(&id)
    }

    /// A sign of life: the session lives for its whole time-out from `now`, and up to a tick more.
    /// False if there is none.
    pub fn touch(&mut self, id: i64, now: Duration) -> bool {
        self.touch_with(id, None, now)
    }

    /// The session goes on with `conn` and the time-out that was granted there. The connection
    /// that it was on comes back: it is to be closed. `None` for a session that there is not.
    pub fn attach(
        &mut self,
        id: i64,
        conn: ConnId,
        timeout_ms: i32,
        now: Duration,
    ) -> Option<Attached> {
        self.touch_with(id, Some(timeout_ms), now);
        let session = self.sessions.get_mut(&id)?;
        let before = session.conn.replace(conn);
        Some(Attached {
            before: before.filter(|before| *before != conn),
        })
    }

    /// The session's connection is gone. Nothing happens if it has moved to another one.
    pub fn detach(&mut self, id: i64, conn: ConnId) {
        if let Some(session) = self.sessions.get_mut(&id)
            && session.conn == Some(conn)
        {
            session.conn = None;
        }
    }

    /// The sessions that are over at `now`, the longest over first. They are named again until
    /// they are [ended](Self::end) or [touched](Self::touch).
    pub fn due(&self, now: Duration) -> Vec<i64> {
        self.expiry.due(now)
    }

    /// Every session.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Session)> {
        self.sessions.iter().map(|(id, session)| (*id, session))
    }

    /// When a session ends if nothing is heard of it.
    pub fn deadline(&self, id: i64) -> Option<Duration> {
        let session = self.sessions.get(&id)?;
        Some(self.expiry.time_of(session.place))
    }

    /// When sessions end if nothing is heard of them, and which, in order of time.
    pub fn by_deadline(&self) -> impl Iterator<Item = (Duration, &[i64])> {
        self.expiry.buckets()
    }

    fn touch_with(&mut self, id: i64, timeout_ms: Option<i32>, now: Duration) -> bool {
        let Some(session) = self.sessions.get_mut(&id) else {
            return false;
        };
        let timeout_ms = timeout_ms.unwrap_or(session.timeout_ms);
        session.timeout_ms = timeout_ms;
        if !self.expiry.is_at(session.place, now, timeout_ms) {
            let before = session.place;
            session.place = self.expiry.put(id, now, timeout_ms);
            self.take(before);
        }
        true
    }

    fn take(&mut self, place: Place) {
        if let Some(moved) = self.expiry.take(place)
            && let Some(session) = self.sessions.get_mut(&moved)
        {
            session.place = place;
        }
    }
}

/// What a session was before it went on with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The other connection that it was on.
    pub before: Option<ConnId>,
}
