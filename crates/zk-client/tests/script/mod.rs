//! The server's side of the protocol, a frame at a time.

use bytes::{Bytes, BytesMut};
use dockeeper_zk_client::{
    Config,
    connect_string::Host,
    transport::{Connect, Connecting, Stream},
};
use dockeeper_zk_proto::{
    Decoder, OpCode, Record,
    connect::{ConnectRequest, ConnectResponse, Password},
    frame,
    header::{ReplyHeader, RequestHeader, xid},
    watch::{EventType, WatcherEvent},
};
use futures_util::FutureExt;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::mpsc,
    time::{self, Instant},
};

const SESSION: i64 = 0x1234;
const TIMEOUT_MS: i32 = 4000;

/// How many bytes are between the client and the script, each way.
const PIPE_LEN: usize = 64 * 1024;

/// Takes the connections of one client.
pub(crate) struct Server {
    connections: mpsc::Receiver<DuplexStream>,
}

/// One connection behind its handshake.
pub(crate) struct Peer {
    stream: DuplexStream,
    input: BytesMut,
}

#[derive(Debug)]
struct Connector(mpsc::Sender<DuplexStream>);

impl Connect for Connector {
    fn connect<'a>(&'a self, _: &'a Host) -> Connecting<'a> {
        Box::pin(async move {
            let (near, far) = tokio::io::duplex(PIPE_LEN);
            let refused = |_| io::Error::from(io::ErrorKind::ConnectionRefused);
            self.0.send(far).await.map_err(refused)?;
            Ok(Box::new(near) as Box<dyn Stream>)
        })
    }
}

impl Server {
    pub(crate) fn new() -> (Config, Self) {
        // A connection waits until the script takes it.
        let (sender, connections) = mpsc::channel(1);
        let mut config = Config::new("zk".parse().unwrap());
        config.connect = Arc::new(Connector(sender));
        config.seed = Some(7);
        (config, Self { connections })
    }

    /// The next connection; `None` when the client has gone.
    pub(crate) async fn raw(&mut self) -> Option<DuplexStream> {
        self.connections.recv().await
    }

    /// The next connection on which the client says something: it gives up those that nobody
    /// serves in time.
    async fn greeted(&mut self) -> (Peer, ConnectRequest) {
        loop {
            let mut peer = Peer {
                stream: self.raw().await.expect("a connection"),
                input: BytesMut::new(),
            };
            if let Some(frame) = peer.frame().await {
                return (peer, ConnectRequest::from_bytes(frame).unwrap());
            }
        }
    }

    pub(crate) async fn accept(&mut self) -> Peer {
        loop {
            let (mut peer, _) = self.greeted().await;
            let granted = ConnectResponse {
                protocol_version: 0,
                timeout_ms: TIMEOUT_MS,
                session_id: SESSION,
                password: Password(Bytes::from_static(&[7; 16])),
                read_only: Some(false),
            };
            if peer.write(|out| granted.encode(out)).await {
                return peer;
            }
        }
    }

    pub(crate) async fn accept_and_expire(&mut self) {
        let (mut peer, request) = self.greeted().await;
        assert_eq!(request.session_id, SESSION);
        let expired = ConnectResponse {
            protocol_version: 0,
            timeout_ms: 0,
            session_id: 0,
            password: Password::zero(),
            read_only: Some(false),
        };
        peer.write(|out| expired.encode(out)).await;
    }
}

impl Peer {
    /// Waits for a request, past pings, which it answers.
    async fn request(&mut self) -> (RequestHeader, Decoder) {
        loop {
            let mut decoder = Decoder::new(self.frame().await.expect("a request"));
            let header: RequestHeader = decoder.read().unwrap();
            if header.xid != xid::PING {
                return (header, decoder);
            }
            self.reply(xid::PING, &()).await;
        }
    }

    pub(crate) async fn expect<T: Record>(&mut self, opcode: OpCode) -> (i32, T) {
        let (header, mut decoder) = self.request().await;
        assert_eq!(OpCode::from_wire(header.opcode), Some(opcode));
        (header.xid, decoder.read().unwrap())
    }

    pub(crate) async fn expect_any(&mut self, opcode: OpCode) -> i32 {
        let (header, _) = self.request().await;
        assert_eq!(OpCode::from_wire(header.opcode), Some(opcode));
        header.xid
    }

    pub(crate) async fn expect_ping(&mut self) {
        let frame = self.frame().await.expect("a ping");
        let header = RequestHeader::from_bytes(frame).unwrap();
        assert_eq!(header.xid, xid::PING);
        self.reply(xid::PING, &()).await;
    }

    pub(crate) async fn reply(&mut self, xid: i32, body: &impl Record) {
        let header = ReplyHeader {
            xid,
            zxid: 9,
            err: 0,
        };
        self.write(|out| {
            header.encode(out);
            body.encode(out);
        })
        .await;
    }

    pub(crate) async fn refuse(&mut self, xid: i32, err: i32) {
        let header = ReplyHeader { xid, zxid: 9, err };
        self.write(|out| header.encode(out)).await;
    }

    pub(crate) async fn event(&mut self, kind: EventType, path: &str) {
        let mut out = BytesMut::new();
        put_event(&mut out, kind, path);
        self.stream.write_all(&out).await.ok();
    }

    /// Sends events without a pause, so that the client always has something to read, for a time
    /// of the paused clock. Returns when each request came, counted from the beginning.
    pub(crate) async fn flood(&mut self, path: &str, lasting: Duration) -> Vec<(Duration, i32)> {
        const STEP: Duration = Duration::from_millis(50);
        let mut events = BytesMut::new();
        while events.len() < PIPE_LEN {
            put_event(&mut events, EventType::NodeDataChanged, path);
        }
        let began = Instant::now();
        let mut came = Vec::new();
        while began.elapsed() < lasting {
            // Ends when the pipe is full again.
            self.stream.write_all(&events).await.unwrap();
            time::advance(STEP).await;
            drop(self.stream.read_buf(&mut self.input).now_or_never());
            while let Some(frame) = frame::take(&mut self.input, 1 << 20).unwrap() {
                let header: RequestHeader = Decoder::new(frame).read().unwrap();
                came.push((began.elapsed(), header.xid));
            }
        }
        came
    }

    async fn frame(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = frame::take(&mut self.input, 1 << 20).unwrap() {
                return Some(frame);
            }
            if self.stream.read_buf(&mut self.input).await.unwrap() == 0 {
                return None;
            }
        }
    }

    async fn write(&mut self, encode: impl FnOnce(&mut BytesMut)) -> bool {
        let mut out = BytesMut::new();
        frame::put(&mut out, 1 << 20, encode).unwrap();
        self.stream.write_all(&out).await.is_ok()
    }
}

fn put_event(out: &mut BytesMut, kind: EventType, path: &str) {
    let event = WatcherEvent {
        kind,
        state: 3,
        path: path.to_owned(),
    };
    let header = ReplyHeader {
        xid: xid::EVENT,
        zxid: -1,
        err: 0,
    };
    frame::put(out, 1 << 20, |out| {
        header.encode(out);
        event.encode(out);
    })
    .unwrap();
}
