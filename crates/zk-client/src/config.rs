//! How a client behaves.

use crate::{
    clock::{BootClock, SystemClock},
    connect_string::ConnectString,
    transport::{Connect, Tcp},
};
use bytes::Bytes;
use dockeeper_zk_proto::{acl::Acl, frame, session::AuthRequest};
use std::{fmt, sync::Arc, time::Duration};

/// The session time-out that is asked for by default. The server grants 2 to 20 of its ticks.
pub const SESSION_TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// How long a request may take by default, from the call to the answer.
pub const REQUEST_TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// How many requests may be on their way by default. Apache ZooKeeper stops reading from its
/// clients at 1,000 outstanding requests in all (`globalOutstandingLimit`).
pub const IN_FLIGHT_MAX_DEFAULT: usize = 1000;

/// The longest reply that is taken by default. `jute.maxbuffer` does not bound a reply's list of
/// children, so this is above it.
pub const REPLY_LEN_MAX_DEFAULT: usize = 16 << 20;

/// How a client behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The ensemble, and the znode that the client takes for the root.
    pub servers: ConnectString,
    /// The session time-out to ask for.
    pub session_timeout: Duration,
    /// How long a request may take, from the call to the answer.
    pub request_timeout: Duration,
    /// How many requests may be on their way; further ones wait.
    pub in_flight_max: usize,
    /// The longest request in bytes that is sent; by default, ZooKeeper's default of
    /// `jute.maxbuffer`, beyond which a server hangs up.
    pub request_len_max: usize,
    /// The longest reply in bytes.
    pub reply_len_max: usize,
    /// Who the session acts for, told to the server on each connection.
    pub credentials: Vec<Credentials>,
    /// The access control list of the znodes that are created.
    pub acl: Vec<Acl>,
    /// Whether a server will do that is cut off from its ensemble and only answers reads
    /// (`readonlymode.enabled`; `canBeReadOnly` in Apache's client). Since 3.6 it hangs up on
    /// sessions of the ensemble, and begins new ones only where sessions are local
    /// (`localSessionsEnabled`).
    pub allow_read_only: bool,
    /// How servers are reached.
    pub connect: Arc<dyn Connect>,
    /// What the session's [`Lease`](crate::Lease) is counted on.
    pub clock: Arc<dyn BootClock>,
    /// What the order of hosts and the length of pauses are drawn from; `None` for the system's
    /// own randomness.
    pub seed: Option<u64>,
}

/// Who a session acts for.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// How the server judges them: `digest`, for one.
    pub scheme: String,
    /// The credentials in the scheme's own notation. Never shown in `Debug`.
    pub auth: Bytes,
}

// === impl Config ===

impl Config {
    /// The defaults, for an ensemble.
    pub fn new(servers: ConnectString) -> Self {
        Self {
            servers,
            session_timeout: SESSION_TIMEOUT_DEFAULT,
            request_timeout: REQUEST_TIMEOUT_DEFAULT,
            in_flight_max: IN_FLIGHT_MAX_DEFAULT,
            request_len_max: frame::LEN_MAX_DEFAULT,
            reply_len_max: REPLY_LEN_MAX_DEFAULT,
            credentials: Vec::new(),
            acl: Acl::open(),
            allow_read_only: false,
            connect: Arc::new(Tcp),
            clock: Arc::new(SystemClock),
            seed: None,
        }
    }

    /// Acts for a user with a password, and creates znodes that only this user can touch.
    #[must_use]
    pub fn with_digest(mut self, user_and_password: impl Into<Bytes>) -> Self {
        self.credentials.push(Credentials {
            scheme: "digest".to_owned(),
            auth: user_and_password.into(),
        });
        self.acl = Acl::creator_all();
        self
    }
}

// === impl Credentials ===

impl Credentials {
    pub(crate) fn to_request(&self) -> AuthRequest {
        AuthRequest {
            kind: 0,
            scheme: self.scheme.clone(),
            auth: Some(self.auth.clone()),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}
