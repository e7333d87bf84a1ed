//! Lets connections in, and knows whose they are.

use crate::{
    peer::{Group, Peer},
    quota::{Permit, Quota},
};
use axum::serve::Listener;
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{UnixListener, UnixStream},
};

/// How many connections may be open, well below the 1024 files that a process may have open where
/// nobody has raised that.
const CONNECTIONS_MAX: usize = 512;

/// How many of them one container may have, or one user of the host: one for each hold and each
/// wait, and some for questions.
const CONNECTIONS_EACH_MAX: usize = 64;

/// The agent's socket, with a bound for each who connects.
pub(crate) struct Gate {
    listener: UnixListener,
    connections: Quota<Key>,
}

/// A connection that was let in.
pub(crate) struct Admitted {
    stream: UnixStream,
    _permit: Permit<Key>,
}

/// Whom a connection counts for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// All of its control groups that have containers' names: where the host is a container itself,
    /// the first of them is that of all.
    Containers(Vec<Group>),
    User(u32),
    Unknown,
}

// === impl Gate ===

impl Gate {
    pub(crate) fn new(listener: UnixListener) -> Self {
        Self {
            listener,
            connections: Quota::new(CONNECTIONS_EACH_MAX, CONNECTIONS_MAX),
        }
    }
}

impl Listener for Gate {
    type Io = Admitted;
    type Addr = Peer;

    async fn accept(&mut self) -> (Admitted, Peer) {
        loop {
            let (stream, _) = Listener::accept(&mut self.listener).await;
            let peer = Peer::of(&stream);
            match self.connections.take(Key::of(&peer)) {
                Ok(permit) => {
                    let _permit = permit;
                    return (Admitted { stream, _permit }, peer);
                }
                Err(full) => tracing::debug!(?peer, ?full, "hung up on one connection too many"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        // The other end is all that the addresses of this socket tell.
        Err(io::ErrorKind::Unsupported.into())
    }
}

// === impl Key ===

impl Key {
    fn of(Peer(process): &Peer) -> Self {
        match process {
            Ok(process) if process.groups.is_empty() => Self::User(process.uid),
            Ok(process) => Self::Containers(process.groups.clone()),
            Err(_) => Self::Unknown,
        }
    }
}

// === impl Admitted ===

impl AsyncRead for Admitted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Admitted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_gets_more_connections_than_their_share() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let mut gate = Gate::new(UnixListener::bind(&path).unwrap());
        let mut open = Vec::new();
        for _ in 0..CONNECTIONS_EACH_MAX {
            let client = UnixStream::connect(&path).await.unwrap();
            open.push((client, gate.accept().await));
        }
        let mut refused = UnixStream::connect(&path).await.unwrap();
        let accepting = async {
            gate.accept().await;
        };
        let hung_up = async {
            let mut buffer = [0];
            tokio::io::AsyncReadExt::read(&mut refused, &mut buffer).await
        };
        tokio::select! {
            () = accepting => panic!("one too many was let in"),
            read = hung_up => assert_eq!(read.unwrap(), 0),
        }
        open.pop();
        let client = UnixStream::connect(&path).await.unwrap();
        open.push((client, gate.accept().await));
    }
}
