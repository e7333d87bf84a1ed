use crate::{
    call::Call, clock::BootInstant, session::keepalive::Keepalive, state::ConnectError,
    transport::Stream,
};
use bytes::{Buf, Bytes, BytesMut};
use dockeeper_zk_proto::{
    OpCode, Record,
    data::SyncRequest,
    frame::{self, BadLength},
    header::{RequestHeader, xid},
};
use std::{collections::VecDeque, io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    time::Instant,
};

/// How many bytes may wait to be written before no further request is taken.
const OUTPUT_LEN_MAX: usize = 256 * 1024;

/// Which part of the bound on requests on their way has to be free again once it was reached.
const FREE_PART: usize = 8;

/// How many bytes one read makes room for.
const READ_LEN: usize = 16 * 1024;

/// The longest frame that is copied out of the read buffer. An answer that a caller keeps would
/// keep the buffer otherwise: a mirror of many small znodes would hold a hundred times their size.
const COPIED_LEN_MAX: usize = READ_LEN;

/// A connection behind its handshake: what was sent on it and is not answered yet.
pub(super) struct Connection {
    reader: ReadHalf<Box<dyn Stream>>,
    writer: WriteHalf<Box<dyn Stream>>,
    input: BytesMut,
    output: BytesMut,
    reply_len_max: usize,
    is_full: bool,
    /// How many bytes of a reply that is too long are still to come.
    skipping: usize,
    pub(super) next_xid: i32,
    pub(super) keepalive: Keepalive,
    /// Requests in the order in which their replies will come.
    pub(super) in_flight: VecDeque<InFlight>,
    /// How many requests to arm watches are not answered yet.
    pub(super) arming: usize,
    /// How many reads have been made since requests were looked for.
    pub(super) reads_in_a_row: usize,
    /// Whether the server takes no writes.
    pub(super) is_read_only: bool,
    /// When the last request was sent whose answer proves that the session lives, until the lease is
    /// counted from it.
    pub(super) proven_at: Option<BootInstant>,
}

pub(super) struct InFlight {
    pub(super) xid: i32,
    /// `None` for the session's own requests, whose replies matter to nobody.
    pub(super) call: Option<Call>,
    pub(super) is_close: bool,
    /// When it was sent, if the ensemble's leader has part in it, so that its answer proves that the
    /// session lives.
    pub(super) proof: Option<BootInstant>,
}

/// What a server said.
pub(super) enum Received {
    Frame(Bytes),
    /// A reply that was too long to be taken.
    TooLong {
        xid: i32,
        length: usize,
    },
}

/// What moved on the socket.
pub(super) enum Progress {
    Received,
    Sent,
}

// === impl Connection ===

impl Connection {
    pub(super) fn new(
        stream: Box<dyn Stream>,
        input: BytesMut,
        reply_len_max: usize,
        session_timeout: Duration,
    ) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            reader,
            writer,
            input,
            output: BytesMut::new(),
            reply_len_max,
            is_full: false,
            skipping: 0,
            next_xid: 1,
            keepalive: Keepalive::new(session_timeout, Instant::now()),
            in_flight: VecDeque::new(),
            arming: 0,
            reads_in_a_row: 0,
            is_read_only: false,
            proven_at: None,
        }
    }

    /// Reads or writes whatever comes first. Safe to cancel.
    pub(super) async fn progress(&mut self) -> Result<Progress, ConnectError> {
        self.input.reserve(READ_LEN);
        let has_output = !self.output.is_empty();
        tokio::select! {
            // In an order, so that a simulation can be repeated. Writing ends: there is room for so
            // many requests only until answers are read.
            biased;
            written = self.writer.write_buf(&mut self.output), if has_output => match written? {
                0 => Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                _ => Ok(Progress::Sent),
            },
            read = self.reader.read_buf(&mut self.input) => match read? {
                0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                _ => Ok(Progress::Received),
            },
        }
    }

    pub(super) fn take_frame(&mut self) -> Result<Option<Received>, BadLength> {
        let skipped = self.skipping.min(self.input.len());
        self.input.advance(skipped);
        self.skipping -= skipped;
        match frame::take(&mut self.input, self.reply_len_max) {
            Ok(Some(frame)) if frame.len() <= COPIED_LEN_MAX => {
                let copied = Bytes::copy_from_slice(&frame);
                Ok(Some(Received::Frame(copied)))
            }
            Ok(frame) => Ok(frame.map(Received::Frame)),
            Err(error) => self.skip(error),
        }
    }

    /// Passes over a reply that is too long, if it is the next one: the others need not suffer.
    fn skip(&mut self, error: BadLength) -> Result<Option<Received>, BadLength> {
        let length = usize::try_from(error.length).map_err(|_| error)?;
        let Some(xid) = self
            .input
            .get(frame::HEADER_LEN..)
            .and_then(<[u8]>::first_chunk)
        else {
            return Ok(None);
        };
        let xid = i32::from_be_bytes(*xid);
        if self.in_flight.front().is_none_or(|next| next.xid != xid) {
            return Err(error);
        }
        self.skipping = frame::HEADER_LEN + length;
        Ok(Some(Received::TooLong { xid, length }))
    }

    /// How many requests may be taken, and how many bytes of them.
    ///
    /// Once the bound is reached there is room only when an eighth of it is free: requests that
    /// have to wait anyway go out many at a time, while the server has the rest to do.
    pub(super) fn room(&mut self, in_flight_max: usize) -> (usize, usize) {
        let free = in_flight_max.saturating_sub(self.in_flight.len());
        self.is_full = free == 0 || (self.is_full && free < in_flight_max / FREE_PART);
        let count = if self.is_full { 0 } else { free };
        (count, OUTPUT_LEN_MAX.saturating_sub(self.output.len()))
    }

    /// `now` may be somewhat earlier than the sending.
    pub(super) fn send(&mut self, mut call: Call, now: BootInstant) {
        let xid = self.take_xid();
        let proof = call.is_proof().then_some(now);
        call.set_xid(xid);
        self.output.extend_from_slice(&call.frame);
        // The frame is needed again only when it may be repeated.
        if !call.is_repeatable {
            call.frame = BytesMut::new();
        }
        self.expect(InFlight {
            xid,
            call: Some(call),
            is_close: false,
            proof,
        });
    }

    /// Sends a request of the session's own.
    pub(super) fn send_own(&mut self, opcode: OpCode, body: &impl Record) {
        let xid = self.take_xid();
        self.put(xid, opcode, body);
        self.expect(InFlight {
            xid,
            call: None,
            is_close: opcode == OpCode::CloseSession,
            proof: None,
        });
    }

    /// Asks the ensemble's leader, which a ping does not, whether the session lives.
    pub(super) fn prove(&mut self, now: BootInstant) {
        let xid = self.take_xid();
        let path = "/".to_owned();
        self.put(xid, OpCode::Sync, &SyncRequest { path });
        self.expect(InFlight {
            xid,
            call: None,
            is_close: false,
            proof: Some(now),
        });
    }

    pub(super) fn ping(&mut self) {
        self.put(xid::PING, OpCode::Ping, &());
    }

    pub(super) fn authenticate(&mut self, body: &impl Record) {
        self.put(xid::AUTH, OpCode::Auth, body);
    }

    pub(super) fn arm(&mut self, body: &impl Record) {
        self.put(xid::SET_WATCHES, OpCode::SetWatches2, body);
        self.arming += 1;
    }

    fn put(&mut self, xid: i32, opcode: OpCode, body: &impl Record) {
        let header = RequestHeader {
            xid,
            opcode: opcode.to_wire(),
        };
        let put = frame::put(&mut self.output, frame::LEN_MAX_DEFAULT, |out| {
            header.encode(out);
            body.encode(out);
        });
        debug_assert!(put.is_ok(), "the session's own requests are short");
        self.keepalive.sent(Instant::now());
    }

    fn expect(&mut self, sent: InFlight) {
        let now = Instant::now();
        self.keepalive.sent(now);
        if sent.proof.is_some() {
            self.keepalive.proof_sent(now);
        }
        self.in_flight.push_back(sent);
    }

    /// Numbers go up from 1 and start over there: the negative ones mean other things.
    fn take_xid(&mut self) -> i32 {
        let xid = self.next_xid;
        self.next_xid = xid.checked_add(1).unwrap_or(1);
        xid
    }
}
