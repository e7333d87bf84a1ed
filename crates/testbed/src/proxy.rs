//! A relay in front of a server, whose connections can be cut on command.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::copy_bidirectional,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinHandle,
    time::sleep,
};

pub use self::endpoint::Endpoint;
use self::endpoint::{Listener, Stream};
use crate::error::{Error, Result};

mod endpoint;

/// More than any test opens; the next one waits, as at a full server.
const CONNECTIONS_MAX: usize = 1024;

/// After a failure to accept, such as for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Relays bytes between clients and one server. It ends with its connections when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    endpoint: Endpoint,
    state: watch::Sender<State>,
    slots: Arc<Semaphore>,
    accepting: JoinHandle<()>,
}

/// What every connection looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    /// Counts the cuts; a connection lives in one generation only.
    generation: u64,
    blocked: bool,
}

impl Proxy {
    /// Listens at `listen`, and relays every connection to the server at `target`.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it cannot listen there.
    pub async fn start(listen: Endpoint, target: Endpoint) -> Result<Self> {
        let failed = |error| Error::File {
            action: "listen at",
            path: listen.to_string().into(),
            error,
        };
        let listener = listen.listen().await.map_err(failed)?;
        let endpoint = listener.endpoint().map_err(failed)?;
        let state = watch::Sender::default();
        let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let accepting = accept(listener, target, state.subscribe(), Arc::clone(&slots));
        Ok(Self {
            endpoint,
            state,
            slots,
            accepting: tokio::spawn(accepting),
        })
    }

    /// Where clients connect.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// How many clients are connected at the moment.
    #[must_use]
    pub fn connections(&self) -> usize {
        CONNECTIONS_MAX - self.slots.available_permits()
    }

    /// Closes all connections at once, that is, those that [`Proxy::connections`] counts. New ones
    /// are relayed.
    pub fn sever(&self) {
        self.state.send_modify(|state| state.generation += 1);
    }

    /// Closes all connections at once, and closes new ones as soon as they are made.
    pub fn block(&self) {
        self.state.send_modify(|state| {
            *state = State {
                generation: state.generation + 1,
                blocked: true,
            };
        });
    }

    /// Relays new connections again.
    pub fn unblock(&self) {
        self.state.send_modify(|state| state.blocked = false);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The connections end when the sender of the state goes.
        self.accepting.abort();
    }
}

async fn accept(
    listener: Listener,
    target: Endpoint,
    state: watch::Receiver<State>,
    slots: Arc<Semaphore>,
) {
    let target = Arc::new(target);
    loop {
        match listener.accept().await {
            Ok(client) => {
                // Before the slot is taken: what `connections` counts, `sever` closes.
                let born = *state.borrow();
                let slot = Arc::clone(&slots).acquire_owned().await;
                let slot = slot.expect("it is never closed");
                let target = Arc::clone(&target);
                tokio::spawn(relay(client, target, state.clone(), born, slot));
            }
            Err(error) => {
                tracing::warn!(%error, "the proxy could not accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// One connection, from its acceptance to its end.
async fn relay(
    mut client: Box<dyn Stream>,
    target: Arc<Endpoint>,
    mut state: watch::Receiver<State>,
    born: State,
    _slot: OwnedSemaphorePermit,
) {
    if born.blocked {
        return;
    }
    let conversation = async {
        let mut server = target.connect().await?;
        copy_bidirectional(&mut client, &mut server).await?;
        Ok::<_, io::Error>(())
    };
    tokio::select! {
        result = conversation => {
            if let Err(error) = result {
                tracing::debug!(%error, %target, "a relayed connection failed");
            }
        }
        // An error means that the proxy is gone.
        _ = state.wait_for(|now| now.generation != born.generation) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;
    use crate::wait;

    const LIMIT: Duration = Duration::from_secs(5);

    fn any_port() -> SocketAddr {
        (Ipv4Addr::LOCALHOST, 0).into()
    }

    async fn echo_server() -> Endpoint {
        let listener = TcpListener::bind(any_port()).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        Endpoint::Tcp(address)
    }

    async fn echoes(stream: &mut TcpStream) -> bool {
        let mut byte = [0];
        stream.write_all(b"x").await.is_ok() && stream.read_exact(&mut byte).await.is_ok()
    }

    #[tokio::test]
    async fn severed_connections_end_and_new_ones_are_relayed() {
        let proxy = Proxy::start(Endpoint::Tcp(any_port()), echo_server().await)
            .await
            .unwrap();
        let Endpoint::Tcp(address) = *proxy.endpoint() else {
            panic!("not TCP")
        };
        let mut first = TcpStream::connect(address).await.unwrap();
        assert!(echoes(&mut first).await);

        proxy.sever();
        assert!(!echoes(&mut first).await);
        let mut second = TcpStream::connect(address).await.unwrap();
        assert!(echoes(&mut second).await);

        proxy.block();
        assert!(!echoes(&mut second).await);
        let mut third = TcpStream::connect(address).await.unwrap();
        assert!(!echoes(&mut third).await);

        proxy.unblock();
        let mut fourth = TcpStream::connect(address).await.unwrap();
        assert!(echoes(&mut fourth).await);

        drop(proxy);
        assert!(!echoes(&mut fourth).await);
    }

    #[tokio::test]
    async fn a_unix_socket_is_relayed_and_its_file_goes_with_the_proxy() {
        let path = std::env::temp_dir().join(format!("proxy-{}.sock", std::process::id()));
        let listen = Endpoint::Unix(path.clone());
        let proxy = Proxy::start(listen, echo_server().await).await.unwrap();
        let mut client = tokio::net::UnixStream::connect(&path).await.unwrap();
        client.write_all(b"x").await.unwrap();
        assert_eq!(client.read_u8().await.unwrap(), b'x');
        drop(proxy);
        let gone = async || {
            if path.exists() {
                Err("it is there".into())
            } else {
                Ok(())
            }
        };
        wait::until("the socket's file is gone", LIMIT, gone)
            .await
            .unwrap();
    }
}
