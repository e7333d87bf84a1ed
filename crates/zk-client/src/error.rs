//! What can go wrong with a request, in three kinds that ask for three answers.

use crate::state::Attempt;
use dockeeper_zk_proto::{DecodeError, ErrorCode, path};
use std::{fmt, time::Duration};

/// A request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    operation: &'static str,
    path: String,
    kind: ErrorKind,
    is_read: bool,
    request_len: usize,
}

/// How a request failed, which is also what its sender may take for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The server answered and said no: nothing has changed.
    Refused(ErrorCode),
    /// The request never left this process: nothing has changed, and it can be made again.
    NotSent(NotSent),
    /// The request was sent and no answer came: unless it was a read, which changes nothing, it may
    /// have taken effect or not, and may still do so. Who repeats it has to look first, with the same client: its server has ended the lost
    /// connection, and takes a session's requests one after another. In an ensemble the new server
    /// may be behind the old one: [`sync`](crate::Client::sync) first.
    Unknown(Unknown),
}

/// Why a request never left this process.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The path is not one that a server accepts.
    #[error("the path is not valid: {0}")]
    Path(#[from] path::Invalid),
    /// The request is longer than the client sends. A server hangs up on one that is longer than
    /// its `jute.maxbuffer`.
    #[error("the request has more than {max} bytes, the client's limit (request_len_max)")]
    TooLong {
        /// The limit in bytes.
        max: usize,
    },
    /// A create mode and a time to live do not belong together.
    #[error("a time to live belongs to the create modes that have one, and to no other")]
    Ttl,
    /// A time to live is out of range.
    #[error("a time to live is from one millisecond to 34 years")]
    TtlRange,
    /// No server answered within the time limit.
    #[error("not connected to ZooKeeper within {}", tried(.waited, .attempts))]
    Deadline {
        /// The limit.
        waited: Duration,
        /// What the last round of attempts to connect came to.
        attempts: Vec<Attempt>,
    },
    /// The session has expired: its ephemeral znodes are gone. Its owner makes a new one.
    #[error("the session has expired")]
    Expired,
    /// The server refused the credentials.
    #[error("ZooKeeper refused the credentials")]
    AuthFailed,
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
}

/// Why nobody knows what became of a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No answer came within the time limit.
    #[error("no answer within {0:?}")]
    Deadline(Duration),
    /// The connection broke before an answer came.
    #[error("the connection broke before the answer")]
    ConnectionLost,
    /// The answer is longer than the client takes. Sent again, the request gets the same answer.
    #[error("the answer has {length} bytes, more than the client's limit of {max} (reply_len_max)")]
    TooLong {
        /// The answer's length in bytes.
        length: usize,
        /// The limit in bytes.
        max: usize,
    },
    /// The answer makes no sense.
    #[error("the answer cannot be read: {0}")]
    Malformed(DecodeError),
}

// === impl Error ===

impl Error {
    pub(crate) fn new(
        operation: &'static str,
        path: impl Into<String>,
        kind: impl Into<ErrorKind>,
    ) -> Self {
        Self {
            operation,
            path: path.into(),
            kind: kind.into(),
            is_read: false,
            request_len: 0,
        }
    }

    /// The same of a request that changes nothing.
    pub(crate) fn of_read(self) -> Self {
        Self {
            is_read: true,
            ..self
        }
    }

    /// The same of a request of this length.
    pub(crate) fn of_len(self, request_len: usize) -> Self {
        Self {
            request_len,
            ..self
        }
    }

    /// How many bytes the request had, without the length before it; 0 when it did not come so far.
    /// A server hangs up on a request that is longer than its `jute.maxbuffer`, without an answer.
    pub fn request_len(&self) -> usize {
        self.request_len
    }

    /// How the request failed.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The znode that the request concerned, as the client sees it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The server's answer, if it refused the request.
    pub fn code(&self) -> Option<ErrorCode> {
        match self.kind {
            ErrorKind::Refused(code) => Some(code),
            ErrorKind::NotSent(_) | ErrorKind::Unknown(_) => None,
        }
    }

    /// Whether the server refused the request with this code.
    pub fn is(&self, code: ErrorCode) -> bool {
        self.code() == Some(code)
    }

    /// Whether there was no connection, or it broke, or the answer took too long: the same request
    /// may go through later. The session may be over all the same, which a later request tells.
    pub fn is_disconnected(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::NotSent(NotSent::Deadline { .. })
                | ErrorKind::Unknown(Unknown::Deadline(_) | Unknown::ConnectionLost)
        )
    }

    /// Whether the server refused for a reason that passes by itself: it has too much to do, has
    /// lost another server for a moment, or the session is on its way to another one. The same
    /// request may go through after a pause.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Refused(
                ErrorCode::Throttled
                    | ErrorCode::SessionMoved
                    | ErrorCode::ConnectionLoss
                    | ErrorCode::OperationTimeout
            )
        )
    }

    /// Whether the session is over, so that no request of this client will succeed again.
    pub fn is_session_over(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::NotSent(NotSent::Expired | NotSent::AuthFailed | NotSent::Closed)
                | ErrorKind::Refused(ErrorCode::SessionExpired)
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.operation, self.path)?;
        match &self.kind {
            ErrorKind::Refused(code) => write!(f, "ZooKeeper refused: {code}"),
            ErrorKind::NotSent(why) => write!(f, "not sent: {why}"),
            ErrorKind::Unknown(why) if self.is_read => write!(f, "{why}; it only reads"),
            ErrorKind::Unknown(why) => {
                write!(f, "outcome unknown: {why}; it may have taken effect")
            }
        }
    }
}

impl std::error::Error for Error {}

// === impl ErrorKind ===

impl From<NotSent> for ErrorKind {
    fn from(why: NotSent) -> Self {
        Self::NotSent(why)
    }
}

impl From<path::Invalid> for ErrorKind {
    fn from(why: path::Invalid) -> Self {
        Self::NotSent(why.into())
    }
}

impl From<Unknown> for ErrorKind {
    fn from(why: Unknown) -> Self {
        Self::Unknown(why)
    }
}

impl From<ErrorCode> for ErrorKind {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code)
    }
}

fn tried(waited: &Duration, attempts: &[Attempt]) -> String {
    let attempts: Vec<_> = attempts.iter().map(Attempt::to_string).collect();
    match attempts.as_slice() {
        [] => format!("{waited:?}"),
        attempts => format!("{waited:?}: {}", attempts.join("; ")),
    }
}
