//! How a client reaches a server.

use crate::connect_string::Host;
use std::{fmt, future::Future, io, pin::Pin};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
};

/// A connection to a server.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A future of a connection.
pub type Connecting<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send + 'a>>;

/// Opens connections: the seam at which a simulation or encryption comes in.
pub trait Connect: fmt::Debug + Send + Sync {
    /// Opens a connection. The caller limits the time.
    fn connect<'a>(&'a self, host: &'a Host) -> Connecting<'a>;
}

/// Plain TCP.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tcp;

// === impl Tcp ===

impl Connect for Tcp {
    fn connect<'a>(&'a self, host: &'a Host) -> Connecting<'a> {
        Box::pin(async move {
            // All of a name's addresses are tried: a name often stands for a whole ensemble.
            let mut addresses: Vec<_> = lookup_host((host.name.as_str(), host.port))
                .await?
                .collect();
            fastrand::shuffle(&mut addresses);
            let stream = TcpStream::connect(addresses.as_slice()).await?;
            // Requests are small and wait for an answer: never hold one back for more to come.
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}
