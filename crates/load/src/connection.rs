use crate::{replies::Replies, request::Request};
use bytes::BytesMut;
use dockeeper_zk_proto::{
    Record,
    connect::{ConnectRequest, ConnectResponse},
    frame,
};
use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
};

/// How many bytes are written at once at least, so that the writing costs next to nothing.
const CHUNK_LEN: usize = 64 * 1024;

/// Long enough for a machine that is as busy as a benchmark makes it: nothing is sent to keep a
/// session alive.
const SESSION_TIMEOUT_MS: i32 = 40_000;

/// A connection with a session of its own.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    replies: Replies,
}

impl Connection {
    /// Connects, and makes a session.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached, or refuses.
    pub fn open(server: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(server).expect("a server that listens");
        stream.set_nodelay(true).expect("a socket's option");
        let request = ConnectRequest::new_session(SESSION_TIMEOUT_MS);
        let mut out = BytesMut::new();
        frame::put(&mut out, frame::LEN_MAX_DEFAULT, |out| request.encode(out))
            .expect("a handshake fits into a frame");
        stream.write_all(&out).expect("a server that reads");
        let mut replies = Replies::new(&stream);
        let response = ConnectResponse::from_bytes(replies.next()).expect("a handshake");
        assert!(response.timeout_ms > 0, "the server makes a session");
        Self { stream, replies }
    }

    /// Makes a request and waits for its reply.
    ///
    /// # Panics
    ///
    /// When the server hangs up or refuses.
    pub fn call(&mut self, request: &Request) {
        self.send(request);
        self.replies.expect(1);
    }

    /// Makes a request and does not wait: see [`Connection::expect`].
    ///
    /// # Panics
    ///
    /// When the server has hung up.
    pub fn send(&mut self, request: &Request) {
        let sent = self.stream.write_all(request.frame());
        sent.expect("a server that reads");
    }

    /// Waits for so many replies to what was [sent](Connection::send).
    ///
    /// # Panics
    ///
    /// When the server hangs up or refuses.
    pub fn expect(&mut self, count: usize) {
        self.replies.expect(count);
    }

    /// Waits for a watch event.
    ///
    /// # Panics
    ///
    /// When the server hangs up, or sends something else.
    pub fn expect_event(&mut self) {
        self.replies.expect_event();
    }

    /// Makes the same request so many times, as fast as the server takes it: one thread writes,
    /// another counts replies.
    ///
    /// # Panics
    ///
    /// When the server hangs up or refuses.
    pub fn saturate(&mut self, request: &Request, count: usize) {
        let frame = request.frame();
        let at_once = CHUNK_LEN.div_ceil(frame.len()).min(count.max(1));
        let chunk = frame.repeat(at_once);
        let Self { stream, replies } = self;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut left = count;
                while left > 0 {
                    let now = left.min(at_once);
                    let sent = stream.write_all(&chunk[..now * frame.len()]);
                    sent.expect("a server that reads");
                    left -= now;
                }
            });
            replies.expect(count);
        });
    }
}
