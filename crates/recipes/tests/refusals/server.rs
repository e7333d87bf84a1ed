//! A server whose znodes never change, and which refuses what it is told to.

use bytes::{Bytes, BytesMut};
use dockeeper_zk_client::{
    Config, ErrorCode, Stat,
    connect_string::Host,
    path,
    transport::{Connect, Connecting, Stream},
};
use dockeeper_zk_proto::{
    Decoder, OpCode, Record,
    connect::{ConnectRequest, ConnectResponse, Password},
    data::{GetChildren2Request, GetChildren2Response, GetDataRequest, GetDataResponse},
    frame,
    header::{ReplyHeader, RequestHeader},
    watch::{AddWatchRequest, AddWatchResponse},
};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// A cheap handle of the server.
#[derive(Clone, Debug)]
pub(crate) struct Server(Arc<Mutex<Znodes>>);

#[derive(Debug)]
struct Znodes {
    paths: Vec<String>,
    /// What to refuse, with which code, and how often.
    refusals: HashMap<(OpCode, String), (ErrorCode, usize)>,
    refused: usize,
}

type Answer = Result<BytesMut, ErrorCode>;

impl Server {
    pub(crate) fn new(paths: &[&str]) -> Self {
        Self(Arc::new(Mutex::new(Znodes {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            refusals: HashMap::new(),
            refused: 0,
        })))
    }

    /// How a client reaches it.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::new("zk".parse().unwrap());
        config.connect = Arc::new(self.clone());
        config
    }

    /// Refuses a request so many times.
    pub(crate) fn refuse(&self, opcode: OpCode, path: &str, code: ErrorCode, times: usize) {
        let refusal = (code, times);
        let mut znodes = self.0.lock();
        znodes.refusals.insert((opcode, path.to_owned()), refusal);
    }

    /// How many requests were refused.
    pub(crate) fn refused(&self) -> usize {
        self.0.lock().refused
    }

    async fn serve(self, mut stream: DuplexStream) {
        let mut input = BytesMut::new();
        let Some(greeting) = next(&mut stream, &mut input).await else {
            return;
        };
        let request = ConnectRequest::from_bytes(greeting).unwrap();
        let granted = ConnectResponse {
            protocol_version: 0,
            timeout_ms: request.timeout_ms,
            session_id: 1,
            password: Password(Bytes::from_static(&[7; 16])),
            read_only: Some(false),
        };
        write(&mut stream, |out| granted.encode(out)).await;
        while let Some(request) = next(&mut stream, &mut input).await {
            let mut decoder = Decoder::new(request);
            let header: RequestHeader = decoder.read().unwrap();
            let opcode = OpCode::from_wire(header.opcode).unwrap();
            let answer = self.0.lock().answer(opcode, decoder);
            let (err, body) = match answer {
                Ok(body) => (0, body),
                Err(code) => (code.to_wire(), BytesMut::new()),
            };
            let (xid, zxid) = (header.xid, 9);
            let header = ReplyHeader { xid, zxid, err };
            write(&mut stream, |out| {
                header.encode(out);
                out.extend_from_slice(&body);
            })
            .await;
        }
    }
}

impl Connect for Server {
    fn connect<'a>(&'a self, _: &'a Host) -> Connecting<'a> {
        Box::pin(async move {
            let (near, far) = tokio::io::duplex(64 * 1024);
            tokio::spawn(self.clone().serve(far));
            Ok(Box::new(near) as Box<dyn Stream>)
        })
    }
}

impl Znodes {
    fn answer(&mut self, opcode: OpCode, mut body: Decoder) -> Answer {
        match opcode {
            OpCode::Ping | OpCode::RemoveWatches => Ok(BytesMut::new()),
            OpCode::AddWatch => {
                let request: AddWatchRequest = body.read().unwrap();
                self.check(opcode, &request.path)?;
                Ok(encoded(&AddWatchResponse { err: 0 }))
            }
            OpCode::GetData => {
                let request: GetDataRequest = body.read().unwrap();
                self.check(opcode, &request.path)?;
                let stat = self.stat(&request.path)?;
                Ok(encoded(&GetDataResponse { data: None, stat }))
            }
            OpCode::GetChildren2 => {
                let request: GetChildren2Request = body.read().unwrap();
                self.check(opcode, &request.path)?;
                let children = self.children(&request.path);
                let stat = self.stat(&request.path)?;
                Ok(encoded(&GetChildren2Response { children, stat }))
            }
            other => panic!("{other:?}"),
        }
    }

    fn check(&mut self, opcode: OpCode, path: &str) -> Result<(), ErrorCode> {
        match self.refusals.get_mut(&(opcode, path.to_owned())) {
            Some((code, times @ 1..)) => {
                *times -= 1;
                self.refused += 1;
                Err(*code)
            }
            _ => Ok(()),
        }
    }

    fn stat(&self, path: &str) -> Result<Stat, ErrorCode> {
        if !self.paths.iter().any(|there| there == path) {
            return Err(ErrorCode::NoNode);
        }
        let num_children = i32::try_from(self.children(path).len()).unwrap();
        Ok(Stat {
            num_children,
            ..Stat::default()
        })
    }

    fn children(&self, parent: &str) -> Vec<String> {
        let is_child = |path: &&String| path::parent(path) == Some(parent);
        let children = self.paths.iter().filter(is_child);
        children.map(|path| path::name(path).to_owned()).collect()
    }
}

fn encoded(record: &impl Record) -> BytesMut {
    let mut out = BytesMut::new();
    record.encode(&mut out);
    out
}

async fn next(stream: &mut DuplexStream, input: &mut BytesMut) -> Option<Bytes> {
    loop {
        if let Some(frame) = frame::take(input, 1 << 20).unwrap() {
            return Some(frame);
        }
        if stream.read_buf(input).await.unwrap() == 0 {
            return None;
        }
    }
}

async fn write(stream: &mut DuplexStream, encode: impl FnOnce(&mut BytesMut)) {
    let mut out = BytesMut::new();
    frame::put(&mut out, 1 << 20, encode).unwrap();
    // The client may have gone.
    drop(stream.write_all(&out).await);
}
