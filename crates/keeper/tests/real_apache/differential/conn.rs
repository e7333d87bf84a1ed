//! A connection as bare as can be: nothing is sent, or hidden, on the caller's behalf.

use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{
    Decoder, Record,
    connect::{ConnectRequest, ConnectResponse, Password},
    frame,
    header::{ReplyHeader, RequestHeader, xid},
    watch::WatcherEvent,
};
use std::{
    collections::VecDeque,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Nothing takes as long, not even on a busy machine.
const REPLY_LIMIT: Duration = Duration::from_secs(30);

/// More than a server takes: whether it does is its own matter.
const FRAME_LEN_MAX: usize = 2 * frame::LEN_MAX_DEFAULT;

/// What is sent of a frame that is too long. Its length tells a server enough; if it does not read
/// the rest, writing that would not end.
const BEGINNING_LEN: usize = 100;

/// A session's identity.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: i64,
    pub(crate) password: Password,
}

pub(crate) struct Conn {
    stream: TcpStream,
    input: BytesMut,
    next_xid: i32,
    /// The requests that have no reply yet.
    waiting: VecDeque<i32>,
    /// The newest transaction that a reply has named.
    pub(crate) seen_zxid: i64,
}

/// What comes from the server.
pub(crate) enum Incoming {
    Event(WatcherEvent),
    Reply(ReplyHeader, Bytes),
}

impl Conn {
    /// Connects, and says nothing.
    pub(crate) fn open(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(REPLY_LIMIT)).unwrap();
        Self {
            stream,
            input: BytesMut::new(),
            next_xid: 1,
            waiting: VecDeque::new(),
            seen_zxid: 0,
        }
    }

    /// Connects with a new session, or with one that lives and all that its client has seen.
    pub(crate) fn with_session(
        server: SocketAddr,
        timeout: Duration,
        session: Option<&Session>,
        seen_zxid: i64,
    ) -> (Self, Session) {
        let mut conn = Self::open(server);
        let timeout_ms = i32::try_from(timeout.as_millis()).unwrap();
        let mut request = ConnectRequest::new_session(timeout_ms);
        request.last_zxid_seen = seen_zxid;
        if let Some(session) = session {
            request.session_id = session.id;
            request.password = session.password.clone();
        }
        let response = conn.greet(&request.to_bytes()).unwrap();
        assert!(
            response.timeout_ms > 0,
            "the server at {server} refuses the session {session:?}"
        );
        let session = Session {
            id: response.session_id,
            password: response.password,
        };
        conn.seen_zxid = seen_zxid;
        (conn, session)
    }

    /// Sends the first frame; `None` when the server closes the connection instead of an answer.
    pub(crate) fn greet(&mut self, request: &[u8]) -> Option<ConnectResponse> {
        self.write(|out| out.extend_from_slice(request));
        let response = self.frame()?;
        Some(ConnectResponse::from_bytes(response).unwrap())
    }

    /// Sends a request.
    pub(crate) fn send(&mut self, opcode: i32, body: &[u8]) {
        let xid = match opcode {
            11 => xid::PING,
            100 => xid::AUTH,
            101 | 105 => xid::SET_WATCHES,
            _ => {
                self.next_xid += 1;
                self.next_xid
            }
        };
        self.waiting.push_back(xid);
        self.write(|out| {
            RequestHeader { xid, opcode }.encode(out);
            out.extend_from_slice(body);
        });
    }

    /// What comes next; `None` for a connection that the server has closed.
    pub(crate) fn receive(&mut self) -> Option<Incoming> {
        let mut decoder = Decoder::new(self.frame()?);
        let header: ReplyHeader = decoder.read().unwrap();
        if header.xid == xid::EVENT {
            assert_eq!(header.zxid, -1, "the zxid of an event");
            return Some(Incoming::Event(decoder.read().unwrap()));
        }
        assert_eq!(
            Some(header.xid),
            self.waiting.pop_front(),
            "replies come in the order of their requests"
        );
        self.seen_zxid = self.seen_zxid.max(header.zxid);
        Some(Incoming::Reply(header, decoder.into_rest()))
    }

    fn write(&mut self, encode: impl FnOnce(&mut BytesMut)) {
        let mut out = BytesMut::new();
        frame::put(&mut out, FRAME_LEN_MAX, encode).unwrap();
        if out.len() > frame::HEADER_LEN + frame::LEN_MAX_DEFAULT {
            out.truncate(BEGINNING_LEN);
        }
        // A server that has closed the connection shows when the reply is read.
        self.stream.write_all(&out).ok();
    }

    fn frame(&mut self) -> Option<Bytes> {
        let mut chunk = [0; 16 * 1024];
        loop {
            if let Some(frame) = frame::take(&mut self.input, FRAME_LEN_MAX).unwrap() {
                return Some(frame);
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => return None,
                Ok(length) => self.input.extend_from_slice(&chunk[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("no reply within {REPLY_LIMIT:?}: {error}"),
            }
        }
    }
}
