//! A keeper from its start to its end.

use super::{
    Config, Error,
    admission::{Admission, Bounds},
    connection::Limits,
    core::Core,
    facts::Facts,
    greeting::Security,
    limits::{BACKLOG, CORE_QUEUE, LONG_ANSWERS_MAX, SILENT_MAX},
    listener::{Listener, Shared},
    startup::{self, Found, Started},
    stop::Stopper,
    tally::Tally,
    tls::Acceptor,
    unsent::Total,
};
use crate::{storage::DirLock, words::Word};
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::{Semaphore, mpsc},
    task::JoinSet,
};

/// A server that has read its data and listens.
pub struct Keeper {
    core: Core,
    listeners: Vec<Listener>,
    handle: Handle,
    tick: Duration,
    stop: Stopper,
    /// Held until the log is closed.
    lock: DirLock,
}

/// What others may know of a keeper.
#[derive(Clone, Debug)]
pub struct Handle {
    addresses: Arc<[SocketAddr]>,
    tls_addresses: Arc<[SocketAddr]>,
}

/// A listen address that is taken, where nobody can connect yet.
struct Taken {
    socket: TcpSocket,
    address: SocketAddr,
    security: Security,
}

/// A listen address where clients can connect.
struct Bound {
    socket: TcpListener,
    address: SocketAddr,
    security: Security,
}

// === impl Keeper ===

impl Keeper {
    /// Reads what the data directory holds, and begins to listen. Clients that connect wait until
    /// [`Keeper::run`].
    ///
    /// # Errors
    ///
    /// The data directory is in use, cannot be read or holds something that cannot be right; an
    /// address is in use; a file for TLS is not what it should be.
    pub async fn open(config: Config) -> Result<Self, Error> {
        let began = config.clock.now().mono;
        startup::check(&config)?;
        let wanted = addresses(&config)?;
        // Before a data directory is made that nobody would use.
        let taken = wanted
            .into_iter()
            .map(|(address, security)| Taken::new(address, security));
        let taken = taken.collect::<Result<Vec<_>, _>>()?;
        let started = startup::recover(&config).await?;
        let bound = taken.into_iter().map(Taken::listen);
        let bound = bound.collect::<Result<Vec<_>, _>>()?;
        let (found, clock) = (started.found, Arc::clone(&config.clock));
        let keeper = Self::assemble(config, started, bound);
        keeper.tell(found, clock.now().mono.saturating_sub(began));
        Ok(keeper)
    }

    fn assemble(config: Config, started: Started, bound: Vec<Bound>) -> Self {
        let (core, inbox) = mpsc::channel(CORE_QUEUE);
        let admission = Arc::new(Admission::new(Bounds {
            per_address: config.connections_per_address_max,
            in_all: config.connections_max,
            silent: SILENT_MAX,
        }));
        let (tally, unsent_total) = (Arc::new(Tally::new()), Total::default());
        let shared = Arc::new(Shared {
            admission: Arc::clone(&admission),
            core,
            clock: Arc::clone(&config.clock),
            limits: Limits {
                frame_len_max: config.rules.frame_len_max,
                in_flight_max: config.requests_in_flight_max.max(1),
            },
            is_word: |word| Word::from_bytes(word).is_some(),
            next: AtomicU64::new(1),
            unsent_total: unsent_total.clone(),
            long_answers: Semaphore::new(LONG_ANSWERS_MAX),
            tally: Arc::clone(&tally),
        });
        let handle = Handle::of(&bound);
        let facts = Facts::new(&config, &handle, admission, tally);
        let listeners = bound.into_iter().map(|bound| Listener {
            socket: bound.socket,
            security: Arc::new(bound.security),
            shared: Arc::clone(&shared),
        });
        let listeners = listeners.collect();
        let core = Core::new(
            started.machine,
            started.journal,
            started.snapshots,
            inbox,
            config.clock,
            facts,
            unsent_total,
        );
        Self {
            core,
            listeners,
            handle,
            tick: config.rules.tick,
            stop: Stopper::new(),
            lock: started.lock,
        }
    }

    /// Says that it can be used.
    fn tell(&self, found: Found, took: Duration) {
        tracing::info!(
            listen = %list(self.handle.addresses()),
            listen_tls = %list(self.handle.tls_addresses()),
            znodes = found.znodes,
            sessions = found.sessions,
            last_zxid = format_args!("{:#x}", found.last_zxid),
            snapshot = found.snapshot.map(|zxid| format!("{zxid:#x}")),
            replayed = found.replayed,
            ms = took.as_millis(),
            "ready"
        );
    }

    /// Where it listens.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Serves until `shutdown` ends. Then everything that was acknowledged is on disk, and the
    /// connections are closed; the sessions stay, and go on after the next start.
    ///
    /// # Errors
    ///
    /// Nothing can be logged any more.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        let Self {
            core,
            listeners,
            tick,
            stop,
            lock,
            handle: _,
        } = self;
        let (mut carriers, mut core_task) = (JoinSet::new(), JoinSet::new());
        for listener in listeners {
            carriers.spawn(listener.run(stop.listener()));
        }
        core_task.spawn(core.run(tick, stop.listener()));
        let ended = tokio::select! {
            () = shutdown => {
                tracing::info!("told to end: no more connections are taken");
                stop.stop();
                core_task.join_next().await
            }
            ended = core_task.join_next() => {
                stop.stop();
                ended
            }
        };
        while carriers.join_next().await.is_some() {}
        drop(lock);
        match ended {
            Some(Ok(result)) => {
                if result.is_ok() {
                    tracing::info!("ended: everything that was acknowledged is on disk");
                }
                result
            }
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // Only the end of the runtime ends the task from outside.
            Some(Err(_)) | None => Ok(()),
        }
    }
}

// === impl Taken ===

impl Taken {
    fn new(address: SocketAddr, security: Security) -> Result<Self, Error> {
        let bind = || -> io::Result<TcpSocket> {
            let socket = match address {
                SocketAddr::V4(_) => TcpSocket::new_v4()?,
                SocketAddr::V6(_) => TcpSocket::new_v6()?,
            };
            // A server that starts again must not wait for what is left of its old connections.
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            Ok(socket)
        };
        let socket = bind().map_err(|source| Error::Listen { address, source })?;
        Ok(Self {
            socket,
            address,
            security,
        })
    }

    fn listen(self) -> Result<Bound, Error> {
        let Self {
            socket,
            address,
            security,
        } = self;
        let listen = || -> io::Result<(TcpListener, SocketAddr)> {
            let socket = socket.listen(BACKLOG)?;
            let address = socket.local_addr()?;
            Ok((socket, address))
        };
        let (socket, address) = listen().map_err(|source| Error::Listen { address, source })?;
        Ok(Bound {
            socket,
            address,
            security,
        })
    }
}

// === impl Handle ===

impl Handle {
    fn of(bound: &[Bound]) -> Self {
        let those = |is: fn(&Security) -> bool| -> Arc<[SocketAddr]> {
            let those = bound.iter().filter(|bound| is(&bound.security));
            those.map(|bound| bound.address).collect()
        };
        Self {
            addresses: those(|security| !matches!(security, Security::Tls(_))),
            tls_addresses: those(|security| !matches!(security, Security::Plain)),
        }
    }

    /// Where clients connect without TLS, with the real port.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where clients connect with TLS, with the real port.
    pub fn tls_addresses(&self) -> &[SocketAddr] {
        &self.tls_addresses
    }
}

fn list(addresses: &[SocketAddr]) -> String {
    let addresses = addresses.iter().map(ToString::to_string);
    addresses.collect::<Vec<_>>().join(",")
}

/// The addresses to listen on, and what connections there are.
fn addresses(config: &Config) -> Result<Vec<(SocketAddr, Security)>, Error> {
    let acceptor = config.tls.as_ref().map(Acceptor::new).transpose()?;
    let mut addresses: Vec<(SocketAddr, Security)> = Vec::new();
    for address in config.listen.iter().chain(&config.listen_tls).copied() {
        let acceptor = acceptor
            .clone()
            .filter(|_| config.listen_tls.contains(&address));
        let security = match acceptor {
            None => Security::Plain,
            Some(acceptor) if config.listen.contains(&address) => Security::Either(acceptor),
            Some(acceptor) => Security::Tls(acceptor),
        };
        if !addresses.iter().any(|(known, _)| *known == address) {
            addresses.push((address, security));
        }
    }
    Ok(addresses)
}
