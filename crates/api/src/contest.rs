//! What is contended for.

use crate::problem::{Code, Problem};
use dockeeper_health::duration;
use dockeeper_model::{LockName, layout};
use dockeeper_recipes::{Held, Naming, Options, election, mutex, rwlock, semaphore};
use dockeeper_zk_client::{Client, Config, State, path};
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

    /// Waits for a connection and for its turn. May be cancelled at any time.
    pub(crate) async fn acquire(
        &self,
        client: &Client,
        config: &Config,
        data: Vec<u8>,
    ) -> Result<Held, Problem> {
        let options = Options {
            naming: self.naming,
            data: data.into(),
            wait: self.wait != Some(Duration::ZERO),
            ..Options::default()
        };
        let acquiring = async {
            client.connected(config.request_timeout).await?;
            let acquired = self.by_kind(client, &options).await;
            acquired.map_err(|error| error.below(config.servers.chroot()).into())
        };
        let limit = match self.wait {
            None => return acquiring.await,
            // Who does not wait for others waits for an answer.
            Some(Duration::ZERO) => config.request_timeout,
            Some(limit) => limit,
        };
        let late = |_| Err(self.too_late(client, config, limit));
        time::timeout(limit, acquiring).await.unwrap_or_else(late)
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

    fn too_late(&self, client: &Client, config: &Config, limit: Duration) -> Problem {
        let path = path::whole(config.servers.chroot(), &self.path());
        let (limit, servers) = (duration::format(limit), &config.servers);
        let message = format!("{path} was not to be had within {limit}");
        if matches!(*client.state().borrow(), State::Connected(_)) {
            return Problem::new(Code::TimedOut, message);
        }
        let message = format!("{message}: no connection to ZooKeeper at {servers}");
        Problem::new(Code::NoZooKeeper, message)
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
