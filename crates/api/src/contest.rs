//! What is contended for.

use crate::problem::Problem;
use axum::http::StatusCode;
use dockeeper_health::duration;
use dockeeper_model::{LockName, layout};
use dockeeper_recipes::{Held, Naming, Options, election, mutex, rwlock, semaphore};
use dockeeper_zk_client::Client;
use std::{num::NonZeroU32, time::Duration};
use tokio::time;

/// Something to be held, and how long to wait for it.
#[derive(Clone, Debug)]
pub(crate) struct Contest {
    pub(crate) kind: Kind,
    pub(crate) name: LockName,
    pub(crate) naming: Naming,
    /// `None` for as long as the one who asked is connected.
    pub(crate) wait: Option<Duration>,
}

/// What can be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mutex,
    Shared,
    Exclusive,
    Semaphore(NonZeroU32),
    Election,
}

// === impl Contest ===

impl Contest {
    /// The znode that is contended for, as the client sees it.
    pub(crate) fn path(&self) -> String {
        match self.kind {
            Kind::Mutex | Kind::Shared | Kind::Exclusive => layout::lock(&self.name),
            Kind::Semaphore(_) => layout::semaphore(&self.name),
            Kind::Election => layout::election(&self.name),
        }
    }

    /// Waits for its turn. May be cancelled at any time.
    pub(crate) async fn acquire(&self, client: &Client, data: Vec<u8>) -> Result<Held, Problem> {
        let options = Options {
            naming: self.naming,
            data: data.into(),
            wait: self.wait != Some(Duration::ZERO),
            ..Options::default()
        };
        let acquiring = self.by_kind(client, &options);
        match self.wait {
            Some(limit) if !limit.is_zero() => match time::timeout(limit, acquiring).await {
                Ok(acquired) => Ok(acquired?),
                Err(_) => Err(self.timed_out(limit)),
            },
            _ => Ok(acquiring.await?),
        }
    }

    async fn by_kind(
        &self,
        client: &Client,
        options: &Options,
    ) -> Result<Held, dockeeper_recipes::Error> {
        let path = self.path();
        match self.kind {
            Kind::Mutex => mutex::acquire(client, &path, options).await,
            Kind::Shared => rwlock::acquire_shared(client, &path, options).await,
            Kind::Exclusive => rwlock::acquire_exclusive(client, &path, options).await,
            Kind::Semaphore(permits) => semaphore::acquire(client, &path, permits, options).await,
            Kind::Election => election::campaign(client, &path, options).await,
        }
    }

    fn timed_out(&self, limit: Duration) -> Problem {
        let limit = duration::format(limit);
        let message = format!("{} was not to be had within {limit}", self.path());
        Problem::new(StatusCode::REQUEST_TIMEOUT, "timed-out", message)
    }
}

// === impl Kind ===

impl Kind {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Mutex => "mutex",
            Self::Shared => "shared",
            Self::Exclusive => "exclusive",
            Self::Semaphore(_) => "semaphore",
            Self::Election => "election",
        }
    }
}
