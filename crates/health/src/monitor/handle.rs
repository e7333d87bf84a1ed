//! The handle of a monitor.

use tokio::sync::{mpsc, oneshot};

use super::{Error, Key};
use crate::check::Check;
use crate::target::Target;
use crate::verdict::Outcome;

/// Sets and removes checks. The monitor answers at once, even while its owner takes no changes, so
/// the owner may wait for it.
#[derive(Clone, Debug)]
pub struct Handle {
    requests: mpsc::Sender<Request>,
}

/// What a handle asks for.
#[derive(Debug)]
pub(super) enum Request {
    Set {
        key: Key,
        check: Check,
        target: Target,
        reply: oneshot::Sender<Result<(), Error>>,
    },
    Remove {
        key: Key,
        reply: oneshot::Sender<()>,
    },
    Report {
        key: Key,
        outcome: Outcome,
        reply: oneshot::Sender<Result<(), Error>>,
    },
}

impl Handle {
    pub(super) fn new(queued_max: usize) -> (Self, mpsc::Receiver<Request>) {
        let (requests, receiver) = mpsc::channel(queued_max);
        (Self { requests }, receiver)
    }

    /// Begins a check, or replaces the one with this key.
    ///
    /// The same check of the same target goes on as if nothing had been asked, whatever its initial
    /// verdict; any other begins anew with it. Numbers outside their bounds are brought within them.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyChecks`], [`Error::Stopped`].
    pub async fn set(
        &self,
        key: impl Into<Key>,
        check: Check,
        target: Target,
    ) -> Result<(), Error> {
        let key = key.into();
        self.ask(|reply| Request::Set {
            key,
            check,
            target,
            reply,
        })
        .await?
    }

    /// Ends a check, if there is one with this key.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`].
    pub async fn remove(&self, key: impl Into<Key>) -> Result<(), Error> {
        let key = key.into();
        self.ask(|reply| Request::Remove { key, reply }).await
    }

    /// Passes on what a service reports about itself, for a check with a time to live.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCheck`], [`Error::NotTtl`], [`Error::Stopped`].
    pub async fn report(&self, key: impl Into<Key>, outcome: Outcome) -> Result<(), Error> {
        let key = key.into();
        self.ask(|reply| Request::Report {
            key,
            outcome,
            reply,
        })
        .await?
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<T>) -> Request,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.requests
            .send(request(reply))
            .await
            .map_err(|_| Error::Stopped)?;
        answer.await.map_err(|_| Error::Stopped)
    }
}
