//! Whether a server knows znodes with a time to live.
//!
//! A server that knows them refuses one whose time is zero, one that does not refuses the type:
//! nothing is ever created, and access control lists are looked at later. The client does not send
//! such a request, so this is a conversation of its own.

use super::{finding::Finding, word};
use bytes::{Bytes, BytesMut};
use dockeeper_zk_client::{
    Acl, CreateMode, ErrorCode,
    connect_string::Host,
    transport::{Connect, Stream},
};
use dockeeper_zk_proto::{
    OpCode, Record, Request,
    connect::{ConnectRequest, ConnectResponse},
    create::CreateTtlRequest,
    frame,
    header::{ReplyHeader, RequestHeader},
};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time,
};

/// Longer than any frame of this conversation.
const FRAME_LEN_MAX: usize = 4096;

/// The session is closed at once; this is for when that fails.
const SESSION_TIMEOUT_MS: i32 = 4000;

const LIMIT: Duration = Duration::from_secs(5);

/// Asks a server.
pub(super) async fn examine(by: &dyn Connect, host: &Host) -> Finding {
    let asked = time::timeout(LIMIT, ask(by, host)).await;
    let asked = asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    match asked {
        Ok(Some(ErrorCode::BadArguments) | None) => Finding::ok(
            "types",
            "znodes with a time to live can be made (extendedTypesEnabled)",
        ),
        Ok(Some(ErrorCode::Unimplemented)) => Finding::warn(
            "types",
            "znodes with a time to live are switched off; nothing in this version needs them",
            "set extendedTypesEnabled=true in the zoo.cfg of every server, to be ready for later",
        ),
        Ok(Some(other)) => unknown(&other.to_string()),
        Err(error) => unknown(&error.to_string()),
    }
}

fn unknown(why: &str) -> Finding {
    Finding::warn(
        "types",
        format!("it is unknown whether znodes with a time to live can be made: {why}"),
        "nothing in this version needs them",
    )
}

/// Asks for a znode with a time to live of zero.
async fn ask(by: &dyn Connect, host: &Host) -> io::Result<Option<ErrorCode>> {
    let mut stream = word::connect(by, host).await?;
    let mut input = BytesMut::new();
    let hello = ConnectRequest::new_session(SESSION_TIMEOUT_MS);
    send(&mut *stream, |out| hello.encode(out)).await?;
    ConnectResponse::from_bytes(receive(&mut *stream, &mut input).await?)
        .map_err(io::Error::other)?;
    let create = CreateTtlRequest {
        path: format!("/doctor-{:016x}", fastrand::u64(..)),
        data: None,
        acl: Acl::open(),
        flags: CreateMode::PersistentWithTtl.to_wire(),
        ttl_ms: 0,
    };
    let header = |xid, opcode: OpCode| RequestHeader {
        xid,
        opcode: opcode.to_wire(),
    };
    send(&mut *stream, |out| {
        header(1, create.opcode()).encode(out);
        create.encode(out);
    })
    .await?;
    let reply = receive(&mut *stream, &mut input).await?;
    let reply = reply.get(..REPLY_HEADER_LEN).map(Bytes::copy_from_slice);
    let reply = ReplyHeader::from_bytes(reply.unwrap_or_default()).map_err(io::Error::other)?;
    let close = header(2, OpCode::CloseSession);
    send(&mut *stream, |out| close.encode(out)).await?;
    // The answer, or the connection's end: either way the session is over.
    drop(receive(&mut *stream, &mut input).await);
    Ok(ErrorCode::from_wire(reply.err))
}

/// The length of a [`ReplyHeader`].
const REPLY_HEADER_LEN: usize = 16;

async fn send(stream: &mut dyn Stream, encode: impl FnOnce(&mut BytesMut)) -> io::Result<()> {
    let mut output = BytesMut::new();
    frame::put(&mut output, FRAME_LEN_MAX, encode).map_err(io::Error::other)?;
    stream.write_all(&output).await
}

async fn receive(stream: &mut dyn Stream, input: &mut BytesMut) -> io::Result<Bytes> {
    loop {
        if let Some(frame) = frame::take(input, FRAME_LEN_MAX).map_err(io::Error::other)? {
            return Ok(frame);
        }
        if stream.read_buf(input).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
