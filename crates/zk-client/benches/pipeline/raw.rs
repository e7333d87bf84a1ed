//! The server's limit: one thread writes requests, another counts replies.

use crate::workload::Workload;
use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{
    Record,
    connect::{ConnectRequest, ConnectResponse, Password},
    frame,
    header::{ReplyHeader, RequestHeader},
};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

/// How many bytes are written at once at least.
const CHUNK_LEN: usize = 64 * 1024;

pub(crate) async fn run(address: SocketAddr, workload: Workload) {
    let run = move || drive(connect(address), workload);
    tokio::task::spawn_blocking(run).await.unwrap();
}

fn connect(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let request = ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: 0,
        timeout_ms: 10_000,
        session_id: 0,
        password: Password::zero(),
        read_only: Some(false),
    };
    let mut out = BytesMut::new();
    frame::put(&mut out, frame::LEN_MAX_DEFAULT, |out| request.encode(out)).unwrap();
    stream.write_all(&out).unwrap();
    let mut replies = Replies::new(&stream);
    let response = ConnectResponse::from_bytes(replies.next()).unwrap();
    assert!(response.timeout_ms > 0);
    stream
}

fn drive(mut stream: TcpStream, workload: Workload) {
    let (opcode, body) = workload.opcode_and_body();
    let header = RequestHeader {
        xid: 1,
        opcode: opcode.to_wire(),
    };
    let mut one = BytesMut::new();
    let put = |out: &mut BytesMut| {
        header.encode(out);
        out.extend_from_slice(&body);
    };
    frame::put(&mut one, frame::LEN_MAX_DEFAULT, put).unwrap();
    let mut replies = Replies::new(&stream);
    if workload.callers() == 1 {
        for _ in 0..workload.count() {
            stream.write_all(&one).unwrap();
            replies.expect(1);
        }
        return;
    }
    let count = workload.count() as usize;
    let at_once = CHUNK_LEN.div_ceil(one.len()).min(count);
    let chunk = one.repeat(at_once);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut left = count;
            while left > 0 {
                let now = left.min(at_once);
                stream.write_all(&chunk[..now * one.len()]).unwrap();
                left -= now;
            }
        });
        replies.expect(count);
    });
}

/// Takes replies apart just enough to count them.
struct Replies {
    stream: TcpStream,
    input: BytesMut,
    buffer: Vec<u8>,
}

impl Replies {
    fn new(stream: &TcpStream) -> Self {
        Self {
            stream: stream.try_clone().unwrap(),
            input: BytesMut::new(),
            buffer: vec![0; CHUNK_LEN],
        }
    }

    fn next(&mut self) -> Bytes {
        loop {
            if let Some(frame) = frame::take(&mut self.input, usize::MAX).unwrap() {
                return frame;
            }
            let read = self.stream.read(&mut self.buffer).unwrap();
            assert!(read > 0, "the server hung up");
            self.input.extend_from_slice(&self.buffer[..read]);
        }
    }

    fn expect(&mut self, count: usize) {
        for _ in 0..count {
            let header = ReplyHeader::from_bytes(self.next()).unwrap();
            assert_eq!((header.xid, header.err), (1, 0));
        }
    }
}
