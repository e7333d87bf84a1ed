use super::{Connect, Connecting, Stream};
use crate::connect_string::Host;
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time,
};

/// How long one address of a name has before the next is tried beside it, as RFC 8305 recommends:
/// a dead address must not use up the time that the host has.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// How many of a name's addresses are tried at once. A name that stands for a whole ensemble has
/// fewer.
const ADDRESSES_MAX: usize = 16;

/// Plain TCP.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tcp;

// === impl Tcp ===

impl Tcp {
    /// Opens a connection to whichever of the host's addresses takes one first.
    pub(super) async fn open(host: &Host) -> io::Result<TcpStream> {
        // All of a name's addresses are tried: a name often stands for a whole ensemble.
        let addresses = lookup_host((host.name.as_str(), host.port)).await?;
        let mut addresses: Vec<_> = addresses.collect();
        fastrand::shuffle(&mut addresses);
        addresses.truncate(ADDRESSES_MAX);
        let stream = race(addresses).await?;
        // Requests are small and wait for an answer: never hold one back for more to come.
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl Connect for Tcp {
    fn connect<'a>(&'a self, host: &'a Host) -> Connecting<'a> {
        Box::pin(async move { Ok(Box::new(Self::open(host).await?) as Box<dyn Stream>) })
    }
}

/// Connects to one address after another, without waiting long for the earlier ones.
async fn race(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut addresses = addresses.into_iter();
    let mut attempts = JoinSet::new();
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        if let Some(address) = addresses.next() {
            attempts.spawn(TcpStream::connect(address));
        }
        tokio::select! {
            attempt = attempts.join_next() => match attempt {
                Some(Ok(Ok(stream))) => return Ok(stream),
                Some(Ok(Err(error))) => failed = error,
                Some(Err(error)) => failed = error.into(),
                None => return Err(failed),
            },
            () = time::sleep(ATTEMPT_DELAY), if addresses.len() > 0 => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_dead_address_does_not_hold_up_the_others() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alive = listener.local_addr().unwrap();
        // Taken and closed again: nobody listens there.
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let refusing = closed.local_addr().unwrap();
        drop(closed);
        // TEST-NET-1 of RFC 5737: whatever is sent there is lost, or refused at once.
        let lost = "192.0.2.1:2181".parse().unwrap();
        let connecting = race(vec![lost, refusing, alive]);
        let stream = time::timeout(super::super::CONNECT_LIMIT, connecting).await;
        assert_eq!(stream.unwrap().unwrap().peer_addr().unwrap(), alive);
        let error = race(vec![refusing]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let none = race(Vec::new()).await.unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::NotFound);
    }
}
