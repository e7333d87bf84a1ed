//! A machine, its log, and clients that speak to it in frames.

use crate::{ConnId, Effects, Entry, Input, Machine, Now, Output, Peer, Rules};
use bytes::{Buf, Bytes, BytesMut};
use dockeeper_zk_proto::{
    Decoder, ErrorCode, OpCode, Record, Request, Stat,
    acl::Acl,
    connect::{ConnectRequest, ConnectResponse, Password},
    create::{Create2Response, CreateMode, CreateRequest, CreateResponse},
    data::*,
    header::{ReplyHeader, RequestHeader, xid},
    multi::{MultiRequest, MultiResponse},
    watch::{EventType, WatcherEvent},
};
use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

pub(super) const KEY: [u8; 32] = [7; 32];

/// A client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Client(pub(super) ConnId);

/// An event, as a client sees it.
pub(super) type Event = (EventType, String);

pub(super) struct Rig {
    pub(super) machine: Machine,
    pub(super) log: Vec<Entry>,
    pub(super) now: Now,
    pub(super) ip: IpAddr,
    pub(super) events: HashMap<Client, Vec<Event>>,
    pub(super) closed: HashSet<Client>,
    /// What the last reply had to wait for.
    pub(super) after: i64,
    pub(super) header: Option<ReplyHeader>,
    conns: u64,
    xid: i32,
}

// === impl Rig ===

impl Rig {
    pub(super) fn new() -> Self {
        Self::with_rules(Rules::default())
    }

    pub(super) fn with_rules(rules: Rules) -> Self {
        Self::with_machine(Machine::new(rules, KEY))
    }

    pub(super) fn with_machine(machine: Machine) -> Self {
        Self {
            machine,
            log: Vec::new(),
            now: Now {
                wall_ms: 1_700_000_000_000,
                mono: Duration::from_secs(100),
            },
            ip: Ipv4Addr::LOCALHOST.into(),
            events: HashMap::new(),
            closed: HashSet::new(),
            after: 0,
            header: None,
            conns: 0,
            xid: 0,
        }
    }

    /// A client with a new session.
    pub(super) fn client(&mut self) -> Client {
        let (client, response) = self.connect(0, Password::zero(), 10_000);
        assert_ne!(response.unwrap().session_id, 0);
        client
    }

    pub(super) fn connect(
        &mut self,
        session_id: i64,
        password: Password,
        timeout_ms: i32,
    ) -> (Client, Option<ConnectResponse>) {
        self.connect_with(ConnectRequest {
            session_id,
            password,
            ..ConnectRequest::new_session(timeout_ms)
        })
    }

    pub(super) fn connect_with(
        &mut self,
        request: ConnectRequest,
    ) -> (Client, Option<ConnectResponse>) {
        self.conns += 1;
        let conn = ConnId(self.conns);
        let peer = Peer {
            ip: self.ip,
            x509: None,
        };
        let frames = self.handle(
            Input::Connect {
                conn,
                peer,
                request,
            },
            Some(Client(conn)),
        );
        let mut frames = frames.into_iter();
        let response = frames
            .next()
            .map(|body| ConnectResponse::from_bytes(body).unwrap());
        assert_eq!(frames.next(), None);
        (Client(conn), response)
    }

    pub(super) fn disconnect(&mut self, client: Client) {
        self.handle(Input::Disconnect { conn: client.0 }, None);
    }

    pub(super) fn session(&self, client: Client) -> i64 {
        self.machine.session(client.0).unwrap().id
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now.mono += time;
        self.now.wall_ms += i64::try_from(time.as_millis()).unwrap();
        let mut effects = Effects::default();
        self.machine.tick(self.now, &mut effects);
        let frames = self.take(effects, None);
        assert!(frames.is_empty());
    }

    pub(super) fn call<T: Request>(
        &mut self,
        client: Client,
        request: &T,
    ) -> Result<T::Reply, ErrorCode> {
        self.call_as(client, request.opcode(), request)
    }

    /// Sends a body as whatever opcode, and reads the reply as whatever.
    pub(super) fn call_as<R: Record>(
        &mut self,
        client: Client,
        opcode: OpCode,
        body: &impl Record,
    ) -> Result<R, ErrorCode> {
        let body = body.to_bytes();
        let reply = self.raw(client, opcode.to_wire(), &body).unwrap();
        reply.map(|reply| R::from_bytes(reply).unwrap())
    }

    /// Sends bytes as an opcode's body. `None`: there was no reply.
    pub(super) fn raw(
        &mut self,
        client: Client,
        opcode: i32,
        body: &[u8],
    ) -> Option<Result<Bytes, ErrorCode>> {
        self.xid += 1;
        let mut frame = BytesMut::new();
        let header = RequestHeader {
            xid: self.xid,
            opcode,
        };
        header.encode(&mut frame);
        frame.extend_from_slice(body);
        let frame = frame.freeze();
        let conn = client.0;
        let mut frames = self
            .handle(Input::Frame { conn, frame }, Some(client))
            .into_iter();
        let mut reply = Decoder::new(frames.next()?);
        assert_eq!(frames.next(), None, "one reply to one request");
        let header: ReplyHeader = reply.read().unwrap();
        self.header = Some(header);
        let body = reply.into_rest();
        Some(match ErrorCode::from_wire(header.err) {
            None => Ok(body),
            Some(code) => {
                assert!(body.is_empty(), "no body behind an error");
                Err(code)
            }
        })
    }

    fn handle(&mut self, input: Input, client: Option<Client>) -> Vec<Bytes> {
        let mut effects = Effects::default();
        self.now.wall_ms += 1;
        self.machine.handle(input, self.now, &mut effects);
        self.take(effects, client)
    }

    /// Sorts what came out; gives the frames for `client` that are no events.
    fn take(&mut self, effects: Effects, client: Option<Client>) -> Vec<Bytes> {
        for entry in effects.entries {
            assert_eq!(Entry::from_bytes(entry.to_bytes()).as_ref(), Ok(&entry));
            self.log.push(entry);
        }
        let mut replies = Vec::new();
        for outgoing in effects.out {
            let to = Client(outgoing.conn);
            assert!(!self.closed.contains(&to), "nothing behind a close");
            assert!(outgoing.after <= self.machine.last_zxid());
            let Output::Frame(mut frame) = outgoing.what else {
                self.closed.insert(to);
                continue;
            };
            let len = frame.get_i32();
            assert_eq!(usize::try_from(len), Ok(frame.len()));
            if frame.starts_with(&xid::EVENT.to_be_bytes()) {
                assert!(
                    Some(to) != client || replies.is_empty(),
                    "events come first"
                );
                let event = WatcherEvent::from_bytes(frame.slice(16..)).unwrap();
                assert_eq!((event.state, frame.slice(4..12).get_i64()), (3, -1));
                self.events
                    .entry(to)
                    .or_default()
                    .push((event.kind, event.path));
            } else {
                assert_eq!(Some(to), client, "a reply to nothing");
                self.after = outgoing.after;
                replies.push(frame);
            }
        }
        replies
    }

    /// The events that a client has got since it last asked.
    pub(super) fn events(&mut self, client: Client) -> Vec<Event> {
        self.events.remove(&client).unwrap_or_default()
    }

    /// A machine that has only read the log.
    pub(super) fn replayed(&self) -> Machine {
        let mut machine = Machine::new(Rules::default(), KEY);
        for entry in &self.log {
            machine.replay(entry).unwrap();
        }
        machine.start(self.now);
        machine
    }

    // What tests do all the time.

    pub(super) fn create(
        &mut self,
        client: Client,
        path: &str,
        mode: CreateMode,
    ) -> Result<String, ErrorCode> {
        self.create_with(client, path, mode, Acl::open())
    }

    pub(super) fn create_with(
        &mut self,
        client: Client,
        path: &str,
        mode: CreateMode,
        acl: Vec<Acl>,
    ) -> Result<String, ErrorCode> {
        let request = CreateRequest {
            path: path.to_owned(),
            data: Some(Bytes::from_static(b"data")),
            acl,
            flags: mode.to_wire(),
        };
        let reply: CreateResponse = self.call_as(client, OpCode::Create, &request)?;
        Ok(reply.path)
    }

    pub(super) fn create2(
        &mut self,
        client: Client,
        opcode: OpCode,
        request: &impl Record,
    ) -> Result<Create2Response, ErrorCode> {
        self.call_as(client, opcode, request)
    }

    pub(super) fn make(&mut self, client: Client, path: &str) {
        self.create(client, path, CreateMode::Persistent).unwrap();
    }

    pub(super) fn delete(&mut self, client: Client, path: &str) -> Result<(), ErrorCode> {
        self.call(
            client,
            &DeleteRequest {
                path: path.to_owned(),
                version: -1,
            },
        )
    }

    pub(super) fn set(
        &mut self,
        client: Client,
        path: &str,
        data: &str,
    ) -> Result<Stat, ErrorCode> {
        let reply = self.call(
            client,
            &SetDataRequest {
                path: path.to_owned(),
                data: Some(Bytes::copy_from_slice(data.as_bytes())),
                version: -1,
            },
        )?;
        Ok(reply.stat)
    }

    pub(super) fn exists(&mut self, client: Client, path: &str) -> Result<Stat, ErrorCode> {
        self.watch_exists(client, path, false)
    }

    pub(super) fn watch_exists(
        &mut self,
        client: Client,
        path: &str,
        watch: bool,
    ) -> Result<Stat, ErrorCode> {
        let path = path.to_owned();
        let reply = self.call(client, &ExistsRequest { path, watch })?;
        Ok(reply.stat)
    }

    pub(super) fn get(&mut self, client: Client, path: &str) -> Result<GetDataResponse, ErrorCode> {
        let path = path.to_owned();
        let watch = false;
        self.call(client, &GetDataRequest { path, watch })
    }

    pub(super) fn text(&mut self, client: Client, path: &str) -> String {
        let data = self.get(client, path).unwrap().data.unwrap();
        String::from_utf8(data.to_vec()).unwrap()
    }

    pub(super) fn children(&mut self, client: Client, path: &str) -> Vec<String> {
        let path = path.to_owned();
        let watch = false;
        let reply = self
            .call(client, &GetChildrenRequest { path, watch })
            .unwrap();
        let mut children = reply.children;
        children.sort();
        children
    }

    pub(super) fn multi(
        &mut self,
        client: Client,
        ops: Vec<dockeeper_zk_proto::multi::Op>,
    ) -> Result<MultiResponse, ErrorCode> {
        self.call(client, &MultiRequest { ops })
    }
}
