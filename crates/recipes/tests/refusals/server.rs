//! A server whose znodes only its clients change, and which refuses what it is told to.

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
    create::{Create2Response, CreateRequest},
    data::{
        DeleteRequest, ExistsRequest, ExistsResponse, GetChildren2Request, GetChildren2Response,
        GetDataRequest, GetDataResponse, SyncRequest, SyncResponse,
    },
    frame,
    header::{ReplyHeader, RequestHeader},
    watch::{AddWatchRequest, AddWatchResponse},
};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// The one session that there is.
const SESSION: i64 = 1;

/// A cheap handle of the server.
#[derive(Clone, Debug)]
pub(crate) struct Server(Arc<Mutex<Znodes>>);

#[derive(Debug)]
struct Znodes {
    paths: Vec<String>,
    /// Which session each ephemeral znode belongs to.
    owners: HashMap<String, i64>,
    /// The number of the next child.
    counter: i32,
    /// Whether the next creation is another session's in the end, and is not answered in time.
    is_stealing: bool,
    /// What to refuse, with which code, and how often.
    refusals: HashMap<(OpCode, String), (ErrorCode, usize)>,
    refused: usize,
}

type Answer = Result<BytesMut, ErrorCode>;

impl Server {
    pub(crate) fn new(paths: &[&str]) -> Self {
        Self(Arc::new(Mutex::new(Znodes {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            owners: HashMap::new(),
            counter: 0,
            is_stealing: false,
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

    /// Takes the next creation for another session's, and says that it took too long.
    pub(crate) fn steal_creation(&self) {
        self.0.lock().is_stealing = true;
    }

    /// Numbers the next children from there on.
    pub(crate) fn count_from(&self, counter: i32) {
        self.0.lock().counter = counter;
    }

    /// The names of a znode's children.
    pub(crate) fn children(&self, parent: &str) -> Vec<String> {
        self.0.lock().children(parent)
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
            session_id: SESSION,
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
            OpCode::Sync => {
                let SyncRequest { path } = body.read().unwrap();
                Ok(encoded(&SyncResponse { path }))
            }
            OpCode::Exists => {
                let request: ExistsRequest = body.read().unwrap();
                let stat = self.stat(&request.path)?;
                Ok(encoded(&ExistsResponse { stat }))
            }
            OpCode::Create2 => self.create(&body.read().unwrap()),
            OpCode::Delete => {
                let request: DeleteRequest = body.read().unwrap();
                self.stat(&request.path)?;
                self.paths.retain(|path| *path != request.path);
                Ok(BytesMut::new())
            }
            other => panic!("{other:?}"),
        }
    }

    /// Creates an ephemeral sequential znode.
    fn create(&mut self, request: &CreateRequest) -> Answer {
        let number = self.counter;
        self.counter = number.wrapping_add(1);
        let path = format!("{}{number:010}", request.path);
        let is_stolen = std::mem::take(&mut self.is_stealing);
        self.paths.push(path.clone());
        let owner = if is_stolen { SESSION + 1 } else { SESSION };
        self.owners.insert(path.clone(), owner);
        if is_stolen {
            return Err(ErrorCode::OperationTimeout);
        }
        let stat = self.stat(&path)?;
        Ok(encoded(&Create2Response { path, stat }))
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
            ephemeral_owner: self.owners.get(path).copied().unwrap_or(0),
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
