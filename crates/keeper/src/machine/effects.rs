//! What goes into the machine and what comes out.

use crate::{ConnId, Entry, sessions::TooMany};
use bytes::Bytes;
use dockeeper_zk_proto::connect::ConnectRequest;
use std::{net::IpAddr, time::Duration};

/// Who is at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The address that it connects from: its identity in the scheme `ip`.
    pub ip: IpAddr,
    /// The subject of the certificate that it showed, a distinguished name: its identity in the
    /// scheme `x509`.
    pub x509: Option<String>,
}

/// The time. The machine never asks for it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since 1970: what a stat shows.
    pub wall_ms: i64,
    /// Since some moment before the start, and never set back: what sessions expire by. Goes on
    /// while the computer is suspended.
    pub mono: Duration,
}

/// What happened on a connection.
#[derive(Clone, Debug)]
pub enum Input {
    /// The first frame.
    Connect {
        /// The connection, new to the machine.
        conn: ConnId,
        /// Who it comes from.
        peer: Peer,
        /// What it says.
        request: ConnectRequest,
    },
    /// A later frame, without its length: a request's header and body.
    Frame {
        /// The connection.
        conn: ConnId,
        /// The bytes.
        frame: Bytes,
    },
    /// It is gone. Nothing is sent to it any more.
    Disconnect {
        /// The connection.
        conn: ConnId,
    },
}

/// What is to be done on a connection, in the order in which it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The connection.
    pub conn: ConnId,
    /// The transaction that has to be durable first; zero for at once.
    pub after: i64,
    /// What.
    pub what: Output,
}

/// One thing to be done on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes: a frame with its length.
    Frame(Bytes),
    /// Close the connection. The machine has forgotten it already.
    Close,
}

/// Why a client gets no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSession {
    /// There are as many as there may be.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The log has no room for its beginning.
    #[error("the disk is full")]
    NoRoom,
    /// The client has seen what this server has not.
    #[error(
        "the client has seen transaction {seen:#x}, and this server has only come to {last:#x}: \
         the client comes from another server, or this one has lost its data"
    )]
    Behind {
        /// The client's last transaction.
        seen: i64,
        /// The server's.
        last: i64,
    },
}

/// What the machine wants done. Callers keep one and drain it, so that its memory is used again.
#[derive(Debug, Default)]
pub struct Effects {
    /// To be logged, in this order.
    pub entries: Vec<Entry>,
    /// To be sent, in this order on each connection.
    pub out: Vec<Outgoing>,
    /// Why the last client that was hung up on instead of getting a session got none.
    pub no_session: Option<NoSession>,
}
