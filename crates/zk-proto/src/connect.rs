//! The handshake: the first frame in each direction.

use crate::{DecodeError, Decoder, Record};
use bytes::{Bytes, BytesMut};
use std::fmt;

/// Length of a session's password in bytes.
pub const PASSWORD_LEN: usize = 16;

/// A session's password. Whoever has it and the session's id can act as the session, so it never
/// shows in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub Bytes);

/// What a client says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectRequest {
    /// Always zero.
    pub protocol_version: i32,
    /// The newest transaction that the client has seen; a server that is behind it hangs up.
    pub last_zxid_seen: i64,
    /// The session time-out that the client wishes for, in milliseconds.
    pub timeout_ms: i32,
    /// The session to go on with, or zero for a new one.
    pub session_id: i64,
    /// The session's password.
    pub password: Password,
    /// Whether a read-only server will do. `None` from clients older than 3.4, which leave the
    /// byte out.
    pub read_only: Option<bool>,
}

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectResponse {
    /// Always zero.
    pub protocol_version: i32,
    /// The session time-out that the server grants, in milliseconds. Zero: the session that was
    /// asked for has expired.
    pub timeout_ms: i32,
    /// The session.
    pub session_id: i64,
    /// The session's password.
    pub password: Password,
    /// Whether the server is read-only. `None` for clients that left the byte out.
    pub read_only: Option<bool>,
}

// === impl Password ===

impl Password {
    /// What a client without a session sends.
    pub fn zero() -> Self {
        Self(Bytes::from_static(&[0; PASSWORD_LEN]))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl Record for Password {
    const LEN_MIN: usize = <Option<Bytes>>::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        Some(self.0.clone()).encode(out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(Self(input.read::<Option<Bytes>>()?.unwrap_or_default()))
    }
}

// === impl ConnectRequest ===

impl ConnectRequest {
    /// Asks for a new session, of a server that writes too.
    pub fn new_session(timeout_ms: i32) -> Self {
        Self {
            protocol_version: 0,
            last_zxid_seen: 0,
            timeout_ms,
            session_id: 0,
            password: Password::zero(),
            read_only: Some(false),
        }
    }
}

impl Record for ConnectRequest {
    const LEN_MIN: usize = 4 + 8 + 4 + 8 + Password::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        self.protocol_version.encode(out);
        self.last_zxid_seen.encode(out);
        self.timeout_ms.encode(out);
        self.session_id.encode(out);
        self.password.encode(out);
        encode_last_byte(self.read_only, out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(Self {
            protocol_version: input.read()?,
            last_zxid_seen: input.read()?,
            timeout_ms: input.read()?,
            session_id: input.read()?,
            password: input.read()?,
            read_only: decode_last_byte(input)?,
        })
    }
}

// === impl ConnectResponse ===

impl Record for ConnectResponse {
    const LEN_MIN: usize = 4 + 4 + 8 + Password::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        self.protocol_version.encode(out);
        self.timeout_ms.encode(out);
        self.session_id.encode(out);
        self.password.encode(out);
        encode_last_byte(self.read_only, out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(Self {
            protocol_version: input.read()?,
            timeout_ms: input.read()?,
            session_id: input.read()?,
            password: input.read()?,
            read_only: decode_last_byte(input)?,
        })
    }
}

fn encode_last_byte(read_only: Option<bool>, out: &mut BytesMut) {
    if let Some(read_only) = read_only {
        read_only.encode(out);
    }
}

fn decode_last_byte(input: &mut Decoder) -> Result<Option<bool>, DecodeError> {
    if input.remaining() == 0 {
        return Ok(None);
    }
    input.read().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_printed() {
        let password = Password(Bytes::from_static(b"secretsecretsecr"));
        assert_eq!(format!("{password:?}"), "Password(..)");
    }
}
