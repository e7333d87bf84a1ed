//! The server's mind: what arrives on connections goes in, frames and log entries come out.
//!
//! Pure: no clock, no sockets, no files. Each request is judged, turned into a transaction and
//! applied at once; whoever calls holds the answers back until the transaction is on disk.

mod answer;
mod apply;
mod auth;
mod closing;
mod connection;
mod dispatch;
mod dump;
mod effects;
mod events;
mod figures;
mod frames;
mod handshake;
mod judge;
mod multi;
mod multi_read;
mod reader;
mod reads;
mod reap;
mod replay;
mod requests;
mod room;
mod snapshot;
#[cfg(test)]
mod tests;
mod watching;
mod writes;

pub use self::{
    effects::{Effects, Input, NoSession, Now, Outgoing, Output, Peer},
    figures::SessionFigures,
    replay::ReplayError,
    snapshot::{RestoreError, Restorer},
};

use self::{connection::Connection, frames::Frames};
use crate::{
    ConnId, Room, Rules,
    conn::ConnMap,
    sessions::{PasswordKey, SessionIds, Sessions},
    tree::Tree,
    watches::Watches,
};
use std::time::Duration;

/// The server's whole state.
#[derive(Debug)]
pub struct Machine {
    rules: Rules,
    key: PasswordKey,
    tree: Tree,
    watches: Watches,
    sessions: Sessions,
    session_ids: SessionIds,
    connections: ConnMap<Connection>,
    frames: Frames,
    /// Whom an event concerns. Kept for its memory.
    sink: Vec<ConnId>,
    /// The newest transaction.
    last_zxid: i64,
    /// The newest transaction that is on disk.
    durable_zxid: i64,
    room: Room,
    /// When containers and znodes with a time to live are looked at next.
    reap_at: Option<Duration>,
    snapshot: snapshot::State,
}

// === impl Machine ===

impl Machine {
    /// A server that has nothing yet. `key` is what session passwords are made from.
    pub fn new(rules: Rules, key: [u8; 32]) -> Self {
        Self::with_tree(rules, &key, Tree::new(tree_seed(&key)))
    }

    fn with_tree(rules: Rules, key: &[u8; 32], tree: Tree) -> Self {
        Self {
            key: PasswordKey::new(key),
            tree,
            watches: Watches::new(rules.watches_max),
            sessions: Sessions::new(rules.tick, rules.sessions_max),
            session_ids: SessionIds::new(rules.server_id),
            connections: ConnMap::default(),
            frames: Frames::default(),
            sink: Vec::new(),
            last_zxid: 0,
            durable_zxid: 0,
            room: Room::Plenty,
            reap_at: None,
            snapshot: snapshot::State::default(),
            rules,
        }
    }

    /// Takes what happened on a connection.
    pub fn handle(&mut self, input: Input, now: Now, effects: &mut Effects) {
        match input {
            Input::Connect {
                conn,
                peer,
                request,
            } => self.connect(conn, peer, &request, now, effects),
            Input::Frame { conn, frame } => self.frame(conn, &frame, now, effects),
            Input::Disconnect { conn } => {
                self.forget(conn);
            }
        }
    }

    /// Ends what has run out of time. To be called once in each tick.
    pub fn tick(&mut self, now: Now, effects: &mut Effects) {
        self.expire(now, effects);
        let reap_at = *self
            .reap_at
            .get_or_insert(now.mono + self.rules.reap_interval);
        if now.mono >= reap_at {
            self.reap_at = Some(now.mono + self.rules.reap_interval);
            self.reap(now, effects);
        }
    }

    /// All up to `zxid` is on disk.
    pub fn durable(&mut self, zxid: i64) {
        self.durable_zxid = self.durable_zxid.max(zxid);
    }

    /// How much the log takes from now on.
    pub fn set_writable(&mut self, room: Room) {
        self.room = room;
    }

    /// The newest transaction.
    pub fn last_zxid(&self) -> i64 {
        self.last_zxid
    }
}

/// What the tree's hashes begin with. The key is as secret as a seed has to be, and hashing with it
/// shows nothing of it.
fn tree_seed(key: &[u8; 32]) -> [u8; 16] {
    std::array::from_fn(|index| key[index] ^ key[index + 16])
}
