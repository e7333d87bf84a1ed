use super::Session;
use crate::{state::ConnectError, transport::Stream};
use bytes::BytesMut;
use dockeeper_zk_proto::{
    DecodeError, Record,
    connect::{ConnectRequest, ConnectResponse},
    frame,
};
use std::{io, time::Duration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// More than a server's first frame takes.
const RESPONSE_LEN_MAX: usize = 1024;

/// What a server makes of a session.
pub(super) enum Answer {
    Granted(ConnectResponse),
    Expired,
}

/// Says hello, and waits for the answer. What was read behind it stays in `input`.
pub(super) async fn run(
    stream: &mut Box<dyn Stream>,
    session: &Session,
    wished_timeout: Duration,
    input: &mut BytesMut,
) -> Result<Answer, ConnectError> {
    let request = ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: session.last_zxid,
        timeout_ms: i32::try_from(wished_timeout.as_millis()).unwrap_or(i32::MAX),
        session_id: session.id,
        password: session.password.clone(),
        read_only: Some(false),
    };
    let mut output = BytesMut::new();
    frame::put(&mut output, RESPONSE_LEN_MAX, |out| request.encode(out))?;
    stream.write_all(&output).await.map_err(hung_up)?;
    let response = loop {
        if let Some(frame) = frame::take(input, RESPONSE_LEN_MAX)? {
            break ConnectResponse::from_bytes(frame)?;
        }
        if stream.read_buf(input).await.map_err(hung_up)? == 0 {
            return Err(ConnectError::HungUp);
        }
    };
    judge(response, session.id)
}

/// A server that closes before it has read what was said resets the connection: the same as an end.
fn hung_up(error: io::Error) -> ConnectError {
    match error.kind() {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => ConnectError::HungUp,
        _ => error.into(),
    }
}

fn judge(response: ConnectResponse, asked_for: i64) -> Result<Answer, ConnectError> {
    match response.timeout_ms {
        1.. if response.session_id != 0 => Ok(Answer::Granted(response)),
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
