use super::Session;
use crate::{state::ConnectError, transport::Stream};
use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{
    DecodeError, ErrorCode, Record,
    connect::{ConnectRequest, ConnectResponse},
    frame,
    header::ReplyHeader,
};
use std::{io, time::Duration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// More than a server's first frame takes.
const RESPONSE_LEN_MAX: usize = 1024;

/// How an alert of TLS begins: its type, and the first byte of the version.
const TLS_ALERT: [u8; 2] = [21, 3];

/// What a server makes of a session.
pub(super) enum Answer {
    Granted(ConnectResponse),
    Expired,
}

/// What is said to a server.
pub(super) fn hello(session: &Session, wished: Duration, allow_read_only: bool) -> ConnectRequest {
    ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: session.last_zxid,
        timeout_ms: i32::try_from(wished.as_millis()).unwrap_or(i32::MAX),
        session_id: session.id,
        password: session.password.clone(),
        read_only: Some(allow_read_only),
    }
}

/// Says hello, and waits for the answer. What was read behind it stays in `input`.
pub(super) async fn run(
    stream: &mut Box<dyn Stream>,
    request: &ConnectRequest,
    input: &mut BytesMut,
) -> Result<Answer, ConnectError> {
    let mut output = BytesMut::new();
    frame::put(&mut output, RESPONSE_LEN_MAX, |out| request.encode(out))?;
    stream.write_all(&output).await.map_err(hung_up)?;
    let response = loop {
        match frame::take(input, RESPONSE_LEN_MAX) {
            Ok(Some(frame)) => break read(frame)?,
            Ok(None) => {}
            Err(_) if input.starts_with(&TLS_ALERT) => return Err(ConnectError::SpeaksTls),
            Err(bad) => return Err(bad.into()),
        }
        if stream.read_buf(input).await.map_err(hung_up)? == 0 {
            return Err(ConnectError::HungUp);
        }
    };
    judge(response, request.session_id)
}

/// A read-only server refuses to begin a session, unless sessions are local to a server
/// (`localSessionsEnabled`): with a request's header, where its answer should be.
fn read(frame: Bytes) -> Result<ConnectResponse, ConnectError> {
    if frame.len() == ReplyHeader::LEN_MIN {
        let header = ReplyHeader::from_bytes(frame.clone())?;
        if ErrorCode::from_wire(header.err) == Some(ErrorCode::NotReadOnly) {
            return Err(ConnectError::ReadOnly);
        }
    }
    Ok(ConnectResponse::from_bytes(frame)?)
}

/// A server that closes before it has read what was said resets the connection: the same as an end.
/// So is one that TLS was not told of.
fn hung_up(error: io::Error) -> ConnectError {
    match error.kind() {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => ConnectError::HungUp,
        _ => error.into(),
    }
}

fn judge(response: ConnectResponse, asked_for: i64) -> Result<Answer, ConnectError> {
    match response.timeout_ms {
        1.. if response.session_id != 0 => Ok(Answer::Granted(response)),
        // A read-only server may only not have heard of it: the others have the last word.
        0 if response.read_only == Some(true) => Err(ConnectError::ReadOnly),
        // A session that never was cannot expire: its owner would begin another at once.
        0 if asked_for == 0 => Err(ConnectError::HungUp),
        0 => Ok(Answer::Expired),
        value => Err(DecodeError::Value {
            what: "a session time-out",
            value,
        }
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;

    #[tokio::test]
    async fn a_port_for_tls_is_told_from_another_protocol() {
        for (answer, is_tls) in [
            (&[21, 3, 3, 0, 2, 2, 10][..], true),
            (b"HTTP/1.1 400", false),
        ] {
            let (client, mut server) = duplex(1024);
            server.write_all(answer).await.unwrap();
            let mut client: Box<dyn Stream> = Box::new(client);
            let request = ConnectRequest::new_session(10_000);
            let error = run(&mut client, &request, &mut BytesMut::new()).await.err();
            let error = error.unwrap();
            assert_eq!(error == ConnectError::SpeaksTls, is_tls, "{error}");
        }
    }
}
