//! What the four-letter words tell.

use super::Machine;
use crate::{ConnId, sessions::Sessions, watches::Watches};

/// A connection's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionFigures {
    /// The session's number.
    pub id: i64,
    /// The time-out that was granted on this connection, in milliseconds.
    pub timeout_ms: i32,
}

// === impl Machine ===

impl Machine {
    /// How many znodes there are, the server's own included.
    pub fn node_count(&self) -> usize {
        self.tree.len()
    }

    /// How many of them are ephemeral.
    pub fn ephemeral_count(&self) -> usize {
        self.tree.ephemerals_len()
    }

    /// How many bytes of data and of paths they have: Apache's `approximate_data_size`.
    pub fn data_size(&self) -> u64 {
        self.tree.data_len() + self.tree.paths_len()
    }

    /// Every connection's watches.
    pub fn watches(&self) -> &Watches {
        &self.watches
    }

    /// Live sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// How many connections have a session.
    pub fn connection_count(&self) -> usize {
        self.connections.len()
    }

    /// A connection's session; `None` before the handshake.
    pub fn session(&self, conn: ConnId) -> Option<SessionFigures> {
        let connection = self.connections.get(&conn)?;
        Some(SessionFigures {
            id: connection.session,
            timeout_ms: connection.timeout_ms,
        })
    }

    /// The sessions that have ephemeral znodes, in order, and the paths of those.
    pub fn ephemerals(&self) -> impl ExactSizeIterator<Item = (i64, impl Iterator<Item = String>)> {
        let mut owners: Vec<_> = self.tree.ephemeral_owners().collect();
        owners.sort_unstable();
        owners.into_iter().map(|session| {
            let nodes = self.tree.ephemerals(session);
            (session, nodes.map(|id| self.tree.path(id)))
        })
    }

    /// The newest transaction that is on disk.
    pub fn durable_zxid(&self) -> i64 {
        self.durable_zxid
    }
}
