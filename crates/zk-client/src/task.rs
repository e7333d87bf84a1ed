//! The task behind a [`Client`](crate::Client): owns the session, its connection and its channels.

mod connecting;
mod connection;
mod handshake;
mod seeking;
mod serving;

use crate::{
    call::Call,
    chroot::Chroot,
    config::{Config, Credentials},
    connect_string::Host,
    event::Abandoned,
    lease::Lease,
    queue,
    saved::SavedSession,
    session::{backoff::Backoff, hosts::Hosts, watches::Watches},
    state::{Attempt, ConnectError, Ended, State},
};
use dockeeper_zk_proto::connect::Password;
use fastrand::Rng;
use parking_lot::Mutex;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time,
};

/// An order from the session's owner, who is told by dropping `done`.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) order: Order,
    pub(crate) done: oneshot::Sender<()>,
}

#[derive(Debug)]
pub(crate) enum Order {
    /// End the session.
    Close,
    /// End the connection only.
    Detach,
    /// Act for somebody more.
    Authenticate(Credentials),
    /// Leave a read-only server for one that takes writes.
    MoveTo(Host),
}

/// What connects the task to its handles.
#[derive(Debug)]
pub(crate) struct Channels {
    pub(crate) calls: queue::Receiver,
    pub(crate) controls: mpsc::Receiver<Control>,
    /// For orders of the task's own.
    pub(crate) control: mpsc::WeakSender<Control>,
    pub(crate) abandoned: Arc<Abandoned>,
    pub(crate) state: watch::Sender<State>,
    pub(crate) saved: Arc<Mutex<SavedSession>>,
    pub(crate) lease: watch::Sender<Option<Lease>>,
}

#[derive(Debug)]
pub(crate) struct Task {
    config: Config,
    channels: Channels,
    session: Session,
    hosts: Hosts,
    backoff: Backoff,
    watches: Watches,
    /// Requests of a broken connection that go out first on the next.
    repeat: VecDeque<Call>,
    /// Requests that were just taken, on their way to the connection; kept for its memory.
    batch: Vec<Call>,
    /// Who waits for the session's end.
    closing: Option<oneshot::Sender<()>>,
    rng: Rng,
}

/// Where a task's xids begin at most: there is room for as many again before they start over.
const FIRST_XID_MAX: i32 = i32::MAX / 2;

/// What a session is to its servers.
#[derive(Clone, Debug)]
struct Session {
    /// Zero until a server that takes writes has granted one: what a read-only server grants is
    /// known to it alone.
    id: i64,
    password: Password,
    /// As granted, or as wished for before the first connection.
    timeout: Duration,
    last_zxid: i64,
    connections: u64,
    /// Goes on from connection to connection: a server that the session has moved to tells the
    /// session's requests apart by their xids alone, also those of the last connection that are
    /// still on their way (ZOOKEEPER-2684). Begins anywhere, since a session that is resumed had
    /// another process's xids before.
    next_xid: i32,
}

/// Why serving a connection stopped.
#[derive(Debug)]
enum Stop {
    /// The connection is of no use any more.
    Lost(ConnectError),
    Ended(Ended),
}

// === impl Task ===

impl Task {
    pub(crate) fn new(config: Config, channels: Channels) -> Self {
        let mut rng = config.seed.map_or_else(Rng::new, Rng::with_seed);
        let saved = channels.saved.lock().clone();
        Self {
            session: Session {
                id: saved.id,
                password: saved.password,
                timeout: config.session_timeout,
                last_zxid: 0,
                connections: 0,
                next_xid: rng.i32(1..=FIRST_XID_MAX),
            },
            hosts: Hosts::new(config.servers.hosts(), &mut rng),
            backoff: Backoff::default(),
            watches: Watches::new(Chroot::new(config.servers.chroot())),
            repeat: VecDeque::new(),
            batch: Vec::new(),
            closing: None,
            rng,
            config,
            channels,
        }
    }

    /// Runs until the session ends or nobody holds a handle.
    pub(crate) async fn run(mut self) {
        let ended = loop {
            let (connection, host) = match self.connect().await {
                Ok(connected) => connected,
                Err(ended) => break ended,
            };
            let search = connection.is_read_only.then(|| self.search());
            let stop = self.serve(connection, &host).await;
            drop(search);
            match stop {
                Stop::Ended(ended) => break ended,
                Stop::Lost(error) => {
                    tracing::info!(%host, %error, "lost the connection to ZooKeeper");
                    if let Err(ended) = self.recover(host, error).await {
                        break ended;
                    }
                }
            }
        };
        self.finish(ended);
    }

    /// Shows that the connection is lost, and waits before the next one if it was of no use.
    async fn recover(&mut self, host: Host, error: ConnectError) -> Result<(), Ended> {
        self.channels.state.send_replace(State::Connecting {
            attempts: Arc::from([Attempt { host, error }]),
        });
        let timeout = self.session.timeout;
        match self.backoff.pause_when_lost(&mut self.rng, timeout) {
            Some(pause) => self.while_disconnected(time::sleep(pause)).await,
            None => Ok(()),
        }
    }

    /// Keeps credentials for the connections to come.
    fn remember(&mut self, credentials: Credentials) {
        if !self.config.credentials.contains(&credentials) {
            self.config.credentials.push(credentials);
        }
    }

    /// The state is set first: a caller whose request is dropped reads there why.
    fn finish(mut self, ended: Ended) {
        tracing::debug!(session = format_args!("{:#x}", self.session.id), %ended, "session over");
        self.channels.state.send_replace(State::Ended(ended));
        self.watches.end();
    }
}
