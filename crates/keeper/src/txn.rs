//! Transactions: what is logged, and all that ever changes the state.
//!
//! A transaction holds effects and not requests: the final path of a sequential znode, the
//! identities that `auth` stood for. So replay needs neither the connection's identities nor the
//! rules by which a request was judged, and a later version that judges otherwise replays the same
//! state.

mod codec;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use dockeeper_zk_proto::acl::Acl;

/// A transaction, and where it stands in the order of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number; the next one's is larger by one.
    pub zxid: i64,
    /// When it was made: milliseconds since 1970, what a stat's `ctime` and `mtime` show.
    pub time_ms: i64,
    /// The session that made it; zero for the server's own.
    pub session: i64,
    /// What it does.
    pub txn: Txn,
}

/// A change of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Txn {
    /// [`Entry::session`] begins.
    CreateSession {
        /// How long it outlives its last sign of life.
        timeout_ms: i32,
    },
    /// [`Entry::session`] ends, and with it its ephemeral znodes.
    CloseSession,
    /// A znode appears.
    Create {
        /// Its whole path.
        path: String,
        /// Its data; a client may give none, which is not the same as an empty buffer.
        data: Option<Bytes>,
        /// Its access control list, with `auth` resolved.
        acl: Vec<Acl>,
        /// What ends it.
        kind: NodeKind,
    },
    /// A znode without children disappears.
    Delete {
        /// Its path.
        path: String,
    },
    /// A znode's data is replaced.
    SetData {
        /// Its path.
        path: String,
        /// The new data.
        data: Option<Bytes>,
    },
    /// A znode's access control list is replaced.
    SetAcl {
        /// Its path.
        path: String,
        /// The new list, with `auth` resolved.
        acl: Vec<Acl>,
    },
    /// Several changes under one number. Never holds another `Multi`, nor a session's begin or
    /// end.
    Multi(Vec<Txn>),
}

/// What ends a znode, beside a delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Nothing.
    Persistent,
    /// The end of the session that made it.
    Ephemeral,
    /// The loss of its last child.
    Container,
    /// So many milliseconds without children and without a change.
    Ttl(i64),
}
