//! A session, as long as it lasts, on one connection after the other.

use super::{
    ask::{Ask, Context},
    conn::{Conn, Incoming, Session},
    record::{Heard, Reply},
};
use dockeeper_zk_proto::{
    OpCode, Record,
    acl::Acl,
    create::{CreateMode, CreateRequest},
    data::ExistsRequest,
    header::ReplyHeader,
    watch::WatcherEvent,
};
use std::{net::SocketAddr, time::Duration};

pub(crate) struct Seat {
    pub(crate) session: Session,
    server: SocketAddr,
    /// `None` while it is away.
    conn: Option<Conn>,
    /// What it had seen when its last connection ended.
    left_zxid: i64,
    /// Events that nobody has looked at yet.
    events: Vec<WatcherEvent>,
}

// === impl Seat ===

impl Seat {
    /// A new session.
    pub(crate) fn new(server: SocketAddr, timeout: Duration) -> Self {
        let (conn, session) = Conn::with_session(server, timeout, None, 0);
        Self {
            session,
            server,
            conn: Some(conn),
            left_zxid: 0,
            events: Vec::new(),
        }
    }

    /// Asks all before it hears the first answer. Whether a refusal ended the connection is left
    /// open.
    pub(crate) fn ask(&mut self, asks: &[Ask], root: &str) -> Vec<Heard> {
        let conn = self.conn.as_mut().expect("who asks is there");
        let context = Context {
            root,
            left_zxid: self.left_zxid,
            seen_zxid: conn.seen_zxid,
        };
        for ask in asks {
            conn.send(ask.opcode(), &ask.body(context));
        }
        let mut heard = Vec::new();
        for ask in asks {
            let reply = loop {
                match conn.receive() {
                    Some(Incoming::Event(event)) => heard.push(Heard::Event(event)),
                    Some(Incoming::Reply(header, body)) => break Reply::read(ask, header, body),
                    None => break Reply::Closed,
                }
            };
            heard.push(Heard::Reply(reply));
        }
        heard
    }

    /// Leaves without a word.
    pub(crate) fn leave(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.left_zxid = conn.seen_zxid;
        }
    }

    /// Comes back, or changes the connection: the one before is given back.
    pub(crate) fn connect(&mut self, timeout: Duration) -> Option<Conn> {
        if let Some(conn) = &self.conn {
            self.left_zxid = conn.seen_zxid;
        }
        let session = Some(&self.session);
        let (conn, _) = Conn::with_session(self.server, timeout, session, self.left_zxid);
        self.conn.replace(conn)
    }

    /// Ends the session.
    pub(crate) fn close(&mut self) {
        let header = self.call(OpCode::CloseSession, &[]);
        assert_eq!(header.unwrap().err, 0);
        let conn = self.conn.as_mut().expect("who closes is there");
        assert!(
            conn.receive().is_none(),
            "with a session its connection ends"
        );
    }

    /// The events that have come since it was last asked: an answer comes behind all events before
    /// it. None while it is away.
    pub(crate) fn events(&mut self) -> Vec<WatcherEvent> {
        if self.conn.is_some() {
            self.exists("/");
        }
        std::mem::take(&mut self.events)
    }

    /// Whether a znode is there; `None` when the connection is closed.
    pub(crate) fn exists(&mut self, path: &str) -> Option<bool> {
        let request = ExistsRequest {
            path: path.to_owned(),
            watch: false,
        };
        let header = self.call(OpCode::Exists, &request.to_bytes())?;
        Some(header.err == 0)
    }

    pub(crate) fn create(&mut self, path: &str, mode: CreateMode) {
        let request = CreateRequest {
            path: path.to_owned(),
            data: None,
            acl: Acl::open(),
            flags: mode.to_wire(),
        };
        let header = self.call(OpCode::Create, &request.to_bytes());
        assert_eq!(header.unwrap().err, 0, "create {path}");
    }

    fn call(&mut self, opcode: OpCode, body: &[u8]) -> Option<ReplyHeader> {
        let conn = self.conn.as_mut().expect("who asks is there");
        conn.send(opcode.to_wire(), body);
        loop {
            match conn.receive()? {
                Incoming::Event(event) => self.events.push(event),
                Incoming::Reply(header, _) => return Some(header),
            }
        }
    }
}
