//! What connections tell the core.

use super::{inbound::Frames, outbox::Outbox};
use crate::{ConnId, machine::Peer};
use bytes::Bytes;
use dockeeper_zk_proto::connect::ConnectRequest;
use std::{sync::Arc, time::Duration};
use tokio::sync::oneshot;

/// One of the things that can happen to a connection.
#[derive(Debug)]
pub(super) enum Message {
    /// It has said who it is.
    Open(Box<Opening>),
    /// It has requests.
    Requests {
        conn: ConnId,
        frames: Frames,
        /// When they were read, on the keeper's own clock.
        at: Duration,
    },
    /// It can be sent more, after it could not.
    Room { conn: ConnId },
    /// It has ended.
    Gone { conn: ConnId },
    /// It asks a four-letter word instead of a handshake.
    Word {
        word: [u8; 4],
        answer: oneshot::Sender<Bytes>,
    },
}

/// What a message without requests counts as in the length of a turn.
const LEN_MIN: usize = 64;

// === impl Message ===

impl Message {
    /// How much work it is, in bytes.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Requests { frames, .. } => frames.len(),
            Self::Open(_) | Self::Room { .. } | Self::Gone { .. } | Self::Word { .. } => LEN_MIN,
        }
    }
}

/// A connection that begins.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) conn: ConnId,
    pub(super) peer: Peer,
    /// The client's port, which with its address names the connection to a person.
    pub(super) port: u16,
    pub(super) request: ConnectRequest,
    pub(super) outbox: Arc<Outbox>,
}
