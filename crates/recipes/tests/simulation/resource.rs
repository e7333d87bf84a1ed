//! What is contended for.

use dockeeper_recipes::{Error, Held, Naming, Options, election, mutex, rwlock, semaphore};
use dockeeper_zk_client::Client;
use std::num::NonZeroU32;

/// How many may hold a semaphore at once.
pub(crate) const PERMITS: NonZeroU32 = NonZeroU32::new(2).unwrap();

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mutex,
    ReadWrite,
    Semaphore,
    Election,
}

/// One znode, and whose names its children have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) kind: Kind,
    pub(crate) naming: Naming,
}

/// How something is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Alone,
    /// With other readers.
    Shared,
    /// With as many as there are permits.
    Permit,
}

/// All of them.
pub(crate) const ALL: [Resource; 8] = [
    Resource::new(Kind::Mutex, Naming::Curator),
    Resource::new(Kind::Mutex, Naming::Kazoo),
    Resource::new(Kind::ReadWrite, Naming::Curator),
    Resource::new(Kind::ReadWrite, Naming::Kazoo),
    Resource::new(Kind::Semaphore, Naming::Curator),
    Resource::new(Kind::Semaphore, Naming::Kazoo),
    Resource::new(Kind::Election, Naming::Curator),
    Resource::new(Kind::Election, Naming::Kazoo),
];

// === impl Resource ===

impl Resource {
    const fn new(kind: Kind, naming: Naming) -> Self {
        Self { kind, naming }
    }

    /// How it may be held.
    pub(crate) fn modes(self) -> &'static [Mode] {
        match self.kind {
            Kind::Mutex | Kind::Election => &[Mode::Alone],
            Kind::ReadWrite => &[Mode::Alone, Mode::Shared],
            Kind::Semaphore => &[Mode::Permit],
        }
    }

    pub(crate) async fn acquire(self, client: &Client, mode: Mode) -> Result<Held, Error> {
        let path = format!("/{:?}/{:?}", self.kind, self.naming);
        let options = Options {
            naming: self.naming,
            ..Options::default()
        };
        match (self.kind, mode) {
            (Kind::Mutex, _) => mutex::acquire(client, &path, &options).await,
            (Kind::Election, _) => election::campaign(client, &path, &options).await,
            (Kind::Semaphore, _) => semaphore::acquire(client, &path, PERMITS, &options).await,
            (Kind::ReadWrite, Mode::Shared) => {
                rwlock::acquire_shared(client, &path, &options).await
            }
            (Kind::ReadWrite, _) => rwlock::acquire_exclusive(client, &path, &options).await,
        }
    }
}
