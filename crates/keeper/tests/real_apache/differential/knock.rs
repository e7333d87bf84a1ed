//! First frames that are not those of a session's client.

use super::conn::{Conn, Session};
use bytes::Bytes;
use dockeeper_zk_proto::{
    OpCode, Record,
    connect::{ConnectRequest, ConnectResponse, PASSWORD_LEN, Password},
};
use fastrand::Rng;
use std::net::SocketAddr;

/// A session that there never was.
const NO_SESSION: i64 = 0x0101_0101_0101_0101;

/// What somebody comes with.
#[derive(Clone, Debug)]
pub(crate) enum Knock {
    /// A session that lives, and a password that is not its own.
    WrongPassword(&'static [u8]),
    /// A session that has ended, and its password; or that there never was.
    NoSession,
    /// More seen than there is.
    Future,
    /// No session, but wishes of its own.
    New {
        protocol_version: i32,
        timeout_ms: i32,
        /// Old clients say nothing about it.
        read_only: Option<bool>,
    },
    /// A frame that ends after so many bytes.
    Cut(usize),
}

/// What a server says to it; `None` when it closes the connection.
pub(crate) type Welcome = Option<ConnectResponse>;

// === impl Knock ===

impl Knock {
    pub(crate) fn random(rng: &mut Rng) -> Self {
        match rng.u32(..12) {
            0..2 => Self::WrongPassword([&b"sixteen bytes..."[..], b"short", b""][rng.usize(..3)]),
            2..4 => Self::NoSession,
            4..6 => Self::Future,
            6..8 => Self::Cut(rng.usize(..40)),
            _ => Self::New {
                protocol_version: rng.i32(..2),
                timeout_ms: [-1, 0, 1, 500, 1_000_000, i32::MIN, i32::MAX][rng.usize(..7)],
                read_only: [None, Some(false), Some(true)][rng.usize(..3)],
            },
        }
    }

    /// Whether a server may end the session's connection for it.
    pub(crate) fn is_attack(&self) -> bool {
        matches!(self, Self::WrongPassword(_))
    }

    /// Comes with it to a server. What can be compared of the answer is given back: neither which
    /// session a new one is, nor its password.
    pub(crate) fn carry_out(
        &self,
        server: SocketAddr,
        lives: &Session,
        ended: Option<&Session>,
    ) -> Welcome {
        let mut conn = Conn::open(server);
        let mut response = conn.greet(&self.frame(lives, ended))?;
        if response.session_id == 0 {
            assert!(conn.receive().is_none(), "what is refused is closed");
            return Some(response);
        }
        conn.send(OpCode::CloseSession.to_wire(), &[]);
        assert!(conn.receive().is_some(), "a new session is usable");
        assert_eq!(response.password.0.len(), PASSWORD_LEN);
        response.session_id = 1;
        response.password = Password::zero();
        Some(response)
    }

    fn frame(&self, lives: &Session, ended: Option<&Session>) -> Bytes {
        let mut request = ConnectRequest::new_session(1000);
        match self {
            Self::WrongPassword(password) => {
                request.session_id = lives.id;
                request.password = Password(Bytes::from_static(password));
            }
            Self::NoSession => {
                request.session_id = ended.map_or(NO_SESSION, |session| session.id);
                request.password =
                    ended.map_or_else(Password::zero, |ended| ended.password.clone());
            }
            Self::Future => request.last_zxid_seen = i64::MAX,
            Self::New {
                protocol_version,
                timeout_ms,
                read_only,
            } => {
                request.protocol_version = *protocol_version;
                request.timeout_ms = *timeout_ms;
                request.read_only = *read_only;
            }
            Self::Cut(len) => return request.to_bytes().slice(..*len),
        }
        request.to_bytes()
    }
}
