//! How a client reaches a server.

mod tcp;
#[cfg(feature = "tls")]
pub mod tls;
mod tls_failed;

pub use self::tcp::Tcp;
#[cfg(feature = "tls")]
pub use self::tls::Tls;
pub use self::tls_failed::{TlsFailed, TlsRemedy};

use crate::connect_string::Host;
use std::{fmt, future::Future, io, pin::Pin, time::Duration};
use tokio::io::{AsyncRead, AsyncWrite};

/// How long a host has to take a connection. A connection takes one round trip; when its first
/// packet was lost, a new attempt is as good as the system's own repetition after a second, and
/// comes sooner than the later ones.
pub const CONNECT_LIMIT: Duration = Duration::from_millis(1500);

/// A connection to a server.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A future of a connection.
pub type Connecting<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send + 'a>>;

/// Opens connections: the seam at which a simulation or encryption comes in.
pub trait Connect: fmt::Debug + Send + Sync {
    /// Opens a connection. The caller limits the time.
    fn connect<'a>(&'a self, host: &'a Host) -> Connecting<'a>;

    /// The longest that opening one may take. The caller may give less: what the session's
    /// time-out leaves for one host, which is more after each round without an answer.
    fn limit(&self) -> Duration {
        CONNECT_LIMIT
    }
}
