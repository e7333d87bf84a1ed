//! A request on its way from a caller to the client's task.

use crate::{
    error::ErrorKind,
    event::{Event, Mailbox},
};
use bytes::{BufMut, Bytes, BytesMut};
use dockeeper_zk_proto::{ErrorCode, OpCode, frame, watch::AddWatchMode};
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};
use tokio::sync::oneshot;

/// Where the request's xid stands in its frame.
const XID_AT: usize = frame::HEADER_LEN;

/// Where the request's operation stands in its frame.
const OPCODE_AT: usize = XID_AT + size_of::<i32>();

/// Room for most requests, so that encoding them allocates once.
const FRAME_LEN_TYPICAL: usize = 512;

/// A request, encoded but for its xid.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) frame: BytesMut,
    /// Whether it may be sent a second time: it changes nothing on the server, or the same twice.
    pub(crate) is_repeatable: bool,
    pub(crate) watch: Option<Watch>,
    pub(crate) ticket: Arc<Ticket>,
    pub(crate) reply: oneshot::Sender<Result<Bytes, ErrorKind>>,
}

/// A watch that a request brings with it.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The znode as the server knows it.
    pub(crate) path: String,
    pub(crate) kind: WatchKind,
    /// Whether a persistent watch on the same path serves it. Settled when it is sent.
    pub(crate) is_riding: bool,
}

#[derive(Debug)]
pub(crate) enum WatchKind {
    /// On data, or on a znode to come if there is none.
    Exists(oneshot::Sender<Event>),
    Data(oneshot::Sender<Event>),
    Children(oneshot::Sender<Event>),
    Persistent(AddWatchMode, Arc<Mailbox>),
}

/// Settles whether a request was sent before its caller gave up.
#[derive(Debug, Default)]
pub(crate) struct Ticket(AtomicU8);

const WAITING: u8 = 0;
const SENT: u8 = 1;
const ABANDONED: u8 = 2;

// === impl Call ===

impl Call {
    /// Encodes a request's frame with room for its xid.
    pub(crate) fn encode(
        opcode: OpCode,
        len_max: usize,
        body: impl FnOnce(&mut BytesMut),
    ) -> Result<BytesMut, frame::BadLength> {
        let mut frame = BytesMut::with_capacity(FRAME_LEN_TYPICAL);
        frame::put(&mut frame, len_max, |out| {
            out.put_i32(0);
            out.put_i32(opcode.to_wire());
            body(out);
        })?;
        Ok(frame)
    }

    /// Takes the request for sending; false when its caller has given it up.
    pub(crate) fn claim(&self) -> bool {
        self.ticket.claim() && !self.reply.is_closed()
    }

    /// Whether its caller gave it up before it was sent.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.ticket.0.load(Ordering::Acquire) == ABANDONED
    }

    /// Whether the ensemble's leader has part in it: it is a write, which alone may not be repeated,
    /// or a `sync`.
    pub(crate) fn is_proof(&self) -> bool {
        let opcode = self.frame.get(OPCODE_AT..).and_then(<[u8]>::first_chunk);
        !self.is_repeatable || opcode == Some(&OpCode::Sync.to_wire().to_be_bytes())
    }

    pub(crate) fn set_xid(&mut self, xid: i32) {
        (&mut self.frame[XID_AT..]).put_i32(xid);
    }

    /// Says in a read whether the server has to arm a one-shot watch.
    pub(crate) fn set_watch_flag(&mut self, arm: bool) {
        if let Some(flag) = self.frame.last_mut() {
            *flag = u8::from(arm);
        }
    }

    /// Makes an `addWatch` recursive, which covers what any other mode tells, or not.
    pub(crate) fn set_watch_recursive(&mut self, is_recursive: bool) {
        let mode_at = self.frame.len() - size_of::<i32>();
        (&mut self.frame[mode_at..]).put_i32(i32::from(is_recursive));
    }

    pub(crate) fn finish(self, result: Result<Bytes, ErrorKind>) {
        // A caller that went away needs no answer.
        drop(self.reply.send(result));
    }
}

/// Splits a reply's body off its header's error.
pub(crate) fn result_of(err: i32, body: Bytes) -> Result<Bytes, ErrorKind> {
    match ErrorCode::from_wire(err) {
        None => Ok(body),
        Some(code) => Err(code.into()),
    }
}

// === impl Ticket ===

impl Ticket {
    fn claim(&self) -> bool {
        match self
            .0
            .compare_exchange(WAITING, SENT, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => true,
            Err(earlier) => earlier == SENT,
        }
    }

    /// Gives the request up; true when it was never sent and never will be.
    pub(crate) fn abandon(&self) -> bool {
        let taken =
            self.0
                .compare_exchange(WAITING, ABANDONED, Ordering::AcqRel, Ordering::Acquire);
        taken.is_ok()
    }
}
