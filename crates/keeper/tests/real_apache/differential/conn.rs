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
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Nothing takes as long, not even on a busy machine.
const REPLY_LIMIT: Duration = Duration::from_secs(30);

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
    /// What has come since it was last taken.
    pub(crate) events: Vec<WatcherEvent>,
}

/// A reply: `None` for a connection that the server has closed.
pub(crate) type Reply = Option<(ReplyHeader, Bytes)>;

impl Conn {
    /// Connects, with a new session or an old one; `None` when the server refuses the session.
    pub(crate) fn open(
        server: SocketAddr,
        timeout: Duration,
        session: Option<&Session>,
    ) -> (Self, Option<Session>) {
        let stream = TcpStream::connect(server).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(REPLY_LIMIT)).unwrap();
        let mut conn = Self {
            stream,
            input: BytesMut::new(),
            next_xid: 1,
            events: Vec::new(),
        };
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: 0,
            timeout_ms: i32::try_from(timeout.as_millis()).unwrap(),
            session_id: session.map_or(0, |session| session.id),
            password: session.map_or_else(Password::zero, |session| session.password.clone()),
            read_only: Some(false),
        };
        conn.write(|out| request.encode(out));
        let response = ConnectResponse::from_bytes(conn.frame().unwrap()).unwrap();
        let accepted = response.timeout_ms > 0;
        let session = accepted.then_some(Session {
            id: response.session_id,
            password: response.password,
        });
        (conn, session)
    }

    /// Sends a request and waits for its reply; events that come before it are kept.
    pub(crate) fn call(&mut self, opcode: i32, body: &[u8]) -> Reply {
        let xid = match opcode {
            100 => xid::AUTH,
            101 | 105 => xid::SET_WATCHES,
            _ => {
                self.next_xid += 1;
                self.next_xid
            }
        };
        self.write(|out| {
            RequestHeader { xid, opcode }.encode(out);
            out.extend_from_slice(body);
        });
        loop {
            let mut decoder = Decoder::new(self.frame()?);
            let header: ReplyHeader = decoder.read().unwrap();
            if header.xid == xid::EVENT {
                assert_eq!(header.zxid, -1, "the zxid of an event");
                self.events.push(decoder.read().unwrap());
                continue;
            }
            assert_eq!(
                header.xid, xid,
                "replies come in the order of their requests"
            );
            return Some((header, decoder.into_rest()));
        }
    }

    fn write(&mut self, encode: impl FnOnce(&mut BytesMut)) {
        let mut out = BytesMut::new();
        frame::put(&mut out, frame::LEN_MAX_DEFAULT, encode).unwrap();
        // A server that has closed the connection shows when the reply is read.
        self.stream.write_all(&out).ok();
    }

    fn frame(&mut self) -> Option<Bytes> {
        let mut chunk = [0; 16 * 1024];
        loop {
            if let Some(frame) = frame::take(&mut self.input, frame::LEN_MAX_DEFAULT).unwrap() {
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
