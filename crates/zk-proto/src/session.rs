//! Requests that concern the session rather than a znode.

use crate::{DecodeError, Decoder, OpCode, Record, Request, acl::Id, wire::record};
use bytes::{Bytes, BytesMut};
use std::fmt;

/// Tells the server who the session acts for.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthRequest {
    /// Always zero.
    pub kind: i32,
    /// `digest`, for one.
    pub scheme: String,
    /// The credentials, in the scheme's own notation. Never shown in `Debug`.
    pub auth: Option<Bytes>,
}

record! {
    /// Asks for the session's ephemeral znodes.
    pub struct GetEphemeralsRequest {
        /// Only those whose paths begin like this.
        pub prefix: String,
    }
    => GetEphemerals -> GetEphemeralsResponse;
}

record! {
    /// The session's ephemeral znodes, in no order.
    pub struct GetEphemeralsResponse {
        /// Their paths.
        pub paths: Vec<String>,
    }
}

/// Asks who the server takes the session for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhoAmIRequest;

record! {
    /// The identities of a connection.
    pub struct WhoAmIResponse {
        /// Who the server takes the session for. What is secret of an identity is left out: of a
        /// digest, everything but the user.
        pub ids: Vec<Id>,
    }
}

// === impl WhoAmIRequest ===

impl Record for WhoAmIRequest {
    const LEN_MIN: usize = 0;

    fn encode(&self, _: &mut BytesMut) {}

    fn decode(_: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl Request for WhoAmIRequest {
    type Reply = WhoAmIResponse;

    fn opcode(&self) -> OpCode {
        OpCode::WhoAmI
    }
}

// === impl AuthRequest ===

impl fmt::Debug for AuthRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthRequest")
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

impl Record for AuthRequest {
    const LEN_MIN: usize = i32::LEN_MIN + String::LEN_MIN + <Option<Bytes>>::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        self.kind.encode(out);
        self.scheme.encode(out);
        self.auth.encode(out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(Self {
            kind: input.read()?,
            scheme: input.read()?,
            auth: input.read()?,
        })
    }
}
