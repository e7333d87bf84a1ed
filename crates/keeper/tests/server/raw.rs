//! A client that is no more than a socket.

use crate::world::LIMIT;
use bytes::{BufMut, Bytes, BytesMut};
use dockeeper_zk_proto::{
    Decoder, ErrorCode, Record, Request,
    acl::Acl,
    connect::{ConnectRequest, ConnectResponse, Password},
    create::CreateRequest,
    data::{ExistsRequest, GetDataRequest, SetDataRequest},
    frame,
    header::{ReplyHeader, RequestHeader},
};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than any answer here.
const LEN_MAX: usize = 64 << 20;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub(crate) struct Raw {
    stream: Box<dyn Stream>,
    input: BytesMut,
}

pub(crate) fn handshake(session_id: i64, password: Password, timeout_ms: i32) -> ConnectRequest {
    ConnectRequest {
        session_id,
        password,
        ..ConnectRequest::new_session(timeout_ms)
    }
}

/// A frame with a request in it.
pub(crate) fn request(xid: i32, body: &impl Request) -> Bytes {
    let header = RequestHeader {
        xid,
        opcode: body.opcode().to_wire(),
    };
    framed(&[&header.to_bytes(), &body.to_bytes()])
}

pub(crate) fn framed(parts: &[&[u8]]) -> Bytes {
    let mut out = BytesMut::new();
    frame::put(&mut out, LEN_MAX, |out| {
        parts.iter().for_each(|part| out.put_slice(part));
    })
    .unwrap();
    out.freeze()
}

pub(crate) fn create(path: &str, data: &[u8]) -> CreateRequest {
    create_as(path, data, 0)
}

pub(crate) fn create_as(path: &str, data: &[u8], flags: i32) -> CreateRequest {
    CreateRequest {
        path: path.to_owned(),
        data: Some(Bytes::copy_from_slice(data)),
        acl: Acl::open(),
        flags,
    }
}

pub(crate) fn set(path: &str, data: &[u8]) -> SetDataRequest {
    SetDataRequest {
        path: path.to_owned(),
        data: Some(Bytes::copy_from_slice(data)),
        version: -1,
    }
}

pub(crate) fn get(path: &str, watch: bool) -> GetDataRequest {
    GetDataRequest {
        path: path.to_owned(),
        watch,
    }
}

pub(crate) fn exists(path: &str, watch: bool) -> ExistsRequest {
    ExistsRequest {
        path: path.to_owned(),
        watch,
    }
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            input: BytesMut::new(),
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The next frame; `None` at the end of the connection.
    pub(crate) async fn frame(&mut self) -> Option<Bytes> {
        let read = async {
            loop {
                if let Some(frame) = frame::take(&mut self.input, LEN_MAX).unwrap() {
                    return Some(frame);
                }
                match self.stream.read_buf(&mut self.input).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        };
        timeout(LIMIT, read).await.expect("the server says nothing")
    }

    /// All that comes until the server closes the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let read = self.stream.read_to_end(&mut rest);
        // A reset is an end as well.
        let _ = timeout(LIMIT, read)
            .await
            .expect("the server does not close");
        rest
    }

    pub(crate) async fn is_closed(&mut self) -> bool {
        self.rest().await.is_empty() && self.input.is_empty()
    }

    pub(crate) async fn greet(&mut self, request: &ConnectRequest) -> Option<ConnectResponse> {
        self.write(&framed(&[&request.to_bytes()])).await;
        let frame = self.frame().await?;
        Some(ConnectResponse::from_bytes(frame).unwrap())
    }

    /// Begins a new session.
    pub(crate) async fn begin(&mut self, timeout_ms: i32) -> ConnectResponse {
        let request = handshake(0, Password::zero(), timeout_ms);
        self.greet(&request).await.unwrap()
    }

    /// The next reply or event.
    pub(crate) async fn reply(&mut self) -> Option<(ReplyHeader, Bytes)> {
        let mut input = Decoder::new(self.frame().await?);
        Some((input.read().unwrap(), input.into_rest()))
    }

    /// One request and its reply.
    pub(crate) async fn call<R: Request>(&mut self, body: &R) -> Result<R::Reply, ErrorCode> {
        self.write(&request(7, body)).await;
        let (header, body) = self.reply().await.expect("an answer");
        assert_eq!(header.xid, 7);
        match ErrorCode::from_wire(header.err) {
            None => Ok(R::Reply::from_bytes(body).unwrap()),
            Some(error) => Err(error),
        }
    }
}
