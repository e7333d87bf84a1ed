//! Says when the connection is lost, and when it is back.

use super::SILENCE;
use crate::output;
use dockeeper_zk_client::State;
use std::{convert::Infallible, future::pending};
use tokio::{sync::watch, time};

/// A connection that a person was told of.
#[derive(Debug)]
pub(crate) struct Connection {
    consequence: String,
    is_lost: bool,
}

// === impl Connection ===

impl Connection {
    /// One that is there. `consequence` is what it means when it is not.
    pub(crate) fn new(consequence: impl Into<String>) -> Self {
        Self {
            consequence: consequence.into(),
            is_lost: false,
        }
    }

    /// Tells of a state, if it is news.
    pub(crate) fn tell(&mut self, state: &State) {
        match state {
            State::Connecting { .. } if !self.is_lost => {
                self.is_lost = true;
                output::warn(&format!("no connection to ZooKeeper: {}", self.consequence));
            }
            State::Connected(connected) if self.is_lost => {
                self.is_lost = false;
                output::note(&format!(
                    "connected to ZooKeeper again, at {}",
                    connected.host
                ));
            }
            State::Connecting { .. } | State::Connected(_) | State::Ended(_) => {}
        }
    }

    /// Tells of losses that last for a while, beside what goes on meanwhile.
    pub(crate) async fn follow_losses(mut self, mut state: watch::Receiver<State>) -> Infallible {
        let is_connected = |state: &State| matches!(state, State::Connected(_));
        loop {
            let back = time::timeout(SILENCE, state.wait_for(is_connected)).await;
            let is_back = match back.map(|back| back.is_ok()) {
                Ok(is_back) => is_back,
                Err(_) => {
                    self.tell(&state.borrow().clone());
                    state.wait_for(is_connected).await.is_ok()
                }
            };
            if !is_back {
                // The session is over, which others tell.
                return pending().await;
            }
            self.tell(&state.borrow().clone());
            drop(state.wait_for(|state| !is_connected(state)).await);
        }
    }

    /// Tells of each change, beside what goes on meanwhile.
    pub(crate) async fn follow(mut self, mut state: watch::Receiver<State>) -> Infallible {
        loop {
            self.tell(&state.borrow_and_update());
            if state.changed().await.is_err() {
                return pending().await;
            }
        }
    }
}
