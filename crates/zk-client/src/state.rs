//! Where a session stands.

use crate::{connect_string::Host, transport::TlsFailed};
use dockeeper_zk_proto::{DecodeError, ErrorCode, frame::BadLength};
use std::{fmt, sync::Arc, time::Duration};

/// Where a session stands. Its owner watches it: an end is final, and the owner makes a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not connected; the client tries again and again.
    Connecting {
        /// The last attempt at each host that was tried.
        attempts: Arc<[Attempt]>,
    },
    /// Connected.
    Connected(Connected),
    /// Over. Requests fail.
    Ended(Ended),
}

/// A connection of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The server.
    pub host: Host,
    /// The session. That of a read-only server is known to it alone, unless the client had one
    /// before.
    pub session_id: i64,
    /// The session time-out that the server granted.
    pub session_timeout: Duration,
    /// Whether the server is cut off from its ensemble: it answers reads, with data that may be
    /// old, and refuses writes with [`NotReadOnly`](ErrorCode::NotReadOnly). The client goes on to
    /// a server that takes writes as soon as it finds one.
    pub is_read_only: bool,
    /// Counts the session's connections, from 1.
    pub connection: u64,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// The server has ended it, with its ephemeral znodes and watches.
    #[error("the session has expired")]
    Expired,
    /// The server refused the credentials. The session ends with its time-out.
    #[error("ZooKeeper refused the credentials")]
    AuthFailed,
    /// Its owner closed it.
    #[error("the session was closed")]
    Closed,
    /// Its owner left it for the next process to resume.
    #[error("the session was left to be resumed")]
    Detached,
}

/// One attempt to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The host that was tried.
    pub host: Host,
    /// Why it did not work.
    pub error: ConnectError,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The attempt is under way.
    #[error("no answer yet")]
    Pending,
    /// The operating system or the resolver says so.
    #[error("{0}")]
    Io(String),
    /// TLS with the server failed.
    #[error(transparent)]
    Tls(#[from] TlsFailed),
    /// The server speaks TLS, and the client does not.
    #[error("it answers in TLS: this is a port for TLS (secureClientPort)")]
    SpeaksTls,
    /// Nothing came in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The server hung up before it answered: it is starting, has no quorum, is behind what the
    /// session has seen, has too many connections from this address or too many
    /// sessions, or wants TLS on this port.
    #[error(
        "it hung up during the handshake (starting, without a quorum, over maxClientCnxns or \
         the server's limit of sessions, or a port for TLS?)"
    )]
    HungUp,
    /// What came is not ZooKeeper's protocol.
    #[error("what answers there is not ZooKeeper: {0}")]
    BadFrame(#[from] BadLength),
    /// What came is not ZooKeeper's protocol.
    #[error("what answers there is not ZooKeeper: {0}")]
    Malformed(#[from] DecodeError),
    /// A reply came to a request that was not the next one.
    #[error("the server answered out of order")]
    OutOfOrder,
    /// The server is cut off from its ensemble and takes no writes: it does not know the session or
    /// begins none, or another server was found that takes writes.
    #[error("it is read-only: cut off from its ensemble")]
    ReadOnly,
    /// The server took the session and refused to arm its watches again.
    #[error("it did not arm the session's watches again: {0}")]
    NotArmed(ErrorCode),
}

// === impl ConnectError ===

impl From<std::io::Error> for ConnectError {
    fn from(error: std::io::Error) -> Self {
        #[cfg(feature = "tls")]
        if let Some(failed) = crate::transport::tls::find_failure(&error) {
            return Self::Tls(failed);
        }
        Self::Io(error.to_string())
    }
}

// === impl Attempt ===

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.host, self.error)
    }
}
