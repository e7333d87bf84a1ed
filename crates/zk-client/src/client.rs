//! The handle of a session.

mod acl;
mod create;
mod ensemble;
mod read;
mod request;
mod watches;
mod write;

pub use self::{
    create::{CreateOptions, Created},
    ensemble::Reconfig,
};

use crate::{
    clock::BootClock,
    config::Config,
    lease::Lease,
    saved::SavedSession,
    state::{Attempt, Connected, Ended, State},
    task::{self, Control, Order},
};
use parking_lot::Mutex;
use request::Requests;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time,
};

/// How many orders to the client's task may wait.
const CONTROLS_MAX: usize = 16;

/// A session: a cheap handle, to be cloned at will.
///
/// When the last handle is dropped the connection ends, and the session with its time-out, as
/// after a crash. [`close`](Self::close) ends it at once.
#[derive(Clone, Debug)]
pub struct Client {
    requests: Requests,
    control: mpsc::Sender<Control>,
    state: watch::Receiver<State>,
    saved: Arc<Mutex<SavedSession>>,
    lease: watch::Sender<Option<Lease>>,
    clock: Arc<dyn BootClock>,
}

/// There is no connection, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotConnected {
    /// The session is over.
    #[error("{0}")]
    Ended(#[from] Ended),
    /// No server answered in time.
    #[error("no ZooKeeper server answered within {waited:?}")]
    Deadline {
        /// The limit.
        waited: Duration,
        /// What the last round of attempts came to.
        attempts: Vec<Attempt>,
    },
}

/// What became of a session that its owner closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is over, and its ephemeral znodes are gone.
    Ended,
    /// No server could be told in time: it ends, and they go, with its time-out. Who has
    /// [saved](Client::session) it can resume it until then, and close it again.
    Untold {
        /// The limit.
        waited: Duration,
        /// What the last round of attempts to connect came to; empty where there was a connection.
        attempts: Vec<Attempt>,
    },
}

// === impl Client ===

impl Client {
    /// Begins a new session. Returns at once; requests wait for the connection.
    pub fn connect(config: Config) -> Self {
        Self::start(config, SavedSession::none())
    }

    /// Goes on with the session of an earlier process. If it has expired meanwhile, the state is
    /// [`Ended::Expired`].
    pub fn resume(config: Config, session: SavedSession) -> Self {
        Self::start(config, session)
    }

    fn start(config: Config, session: SavedSession) -> Self {
        let saved = Arc::new(Mutex::new(session));
        let (control, controls) = mpsc::channel(CONTROLS_MAX);
        let (state_sender, state) = watch::channel(State::Connecting {
            attempts: Arc::from([]),
        });
        let lease = watch::Sender::new(None);
        let clock = config.clock.clone();
        let (requests, calls) = Requests::new(&config, state.clone());
        let channels = task::Channels {
            calls,
            controls,
            control: control.downgrade(),
            abandoned: requests.abandoned().clone(),
            state: state_sender,
            saved: saved.clone(),
            lease: lease.clone(),
        };
        tokio::spawn(task::Task::new(config, channels).run());
        Self {
            requests,
            control,
            state,
            saved,
            lease,
            clock,
        }
    }

    /// Where the session stands, to be watched.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// For how long the session certainly lives, to be watched: `None` before the first connection.
    /// It keeps its last value when the session ends, which [`state`](Self::state) tells. Each
    /// receiver costs nothing, but one at least costs a request each eighth of the session time-out.
    pub fn lease(&self) -> watch::Receiver<Option<Lease>> {
        self.lease.subscribe()
    }

    /// The clock of the lease.
    pub fn clock(&self) -> &Arc<dyn BootClock> {
        &self.clock
    }

    /// Waits for a connection.
    pub async fn connected(&self, limit: Duration) -> Result<Connected, NotConnected> {
        let mut state = self.state.clone();
        let settled = state.wait_for(|state| !matches!(state, State::Connecting { .. }));
        match time::timeout(limit, settled).await {
            Ok(Ok(settled)) => match &*settled {
                State::Connected(connected) => Ok(connected.clone()),
                State::Ended(ended) => Err((*ended).into()),
                State::Connecting { .. } => unreachable!("waited for another state"),
            },
            Ok(Err(_)) => Err(Ended::Detached.into()),
            Err(_) => Err(NotConnected::Deadline {
                waited: limit,
                attempts: self.attempts(),
            }),
        }
    }

    /// The session as it can be saved; `None` before the first connection.
    pub fn session(&self) -> Option<SavedSession> {
        Some(self.saved.lock().clone()).filter(|saved| saved.id != 0)
    }

    /// Ends the session, and says whether a server was told within the request time-out.
    pub async fn close(self) -> Closed {
        let is_done = self.order(Order::Close).await;
        let is_over = matches!(
            &*self.state.borrow(),
            State::Ended(Ended::Closed | Ended::Expired)
        );
        if is_done && is_over {
            return Closed::Ended;
        }
        Closed::Untold {
            waited: self.requests.timeout(),
            attempts: self.attempts(),
        }
    }

    /// Ends the connection and leaves the session for the next process to resume.
    pub async fn detach(self) {
        self.order(Order::Detach).await;
    }

    /// Gives an order; false when it was not carried out within the request time-out.
    async fn order(&self, order: Order) -> bool {
        let ordered = async {
            let (done, wait) = oneshot::channel();
            // A task that is gone has nothing left to do, and drops what it was told.
            drop(self.control.send(Control { order, done }).await);
            drop(wait.await);
        };
        time::timeout(self.requests.timeout(), ordered)
            .await
            .is_ok()
    }

    fn attempts(&self) -> Vec<Attempt> {
        match &*self.state.borrow() {
            State::Connecting { attempts } => attempts.to_vec(),
            State::Connected(_) | State::Ended(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_can_be_shared() {
        fn assert<T: Clone + Send + Sync>() {}
        assert::<Client>();
    }
}
