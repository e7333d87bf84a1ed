//! What is known of one app, and by whom it is needed.

use super::{Known, keeping::Keeping, memory::Memory, release::Slot};
use crate::host::cache::{Cache, Incarnation, Index};
use dockeeper_model::config::{AppName, Digest, Release, Rollout};
use dockeeper_zk_client::{Client, State};
use parking_lot::Mutex;
use std::{mem, sync::Arc};
use tokio::sync::watch;

/// What is known of one app.
#[derive(Debug)]
pub(super) struct App {
    name: AppName,
    cache: Cache,
    session: watch::Receiver<Option<Client>>,
    known: watch::Sender<Known>,
    memory: Mutex<Memory>,
    pub(super) keeping: Keeping,
}

// === impl App ===

impl App {
    /// What the disk says of an app.
    pub(super) fn new(
        name: AppName,
        cache: Cache,
        session: watch::Receiver<Option<Client>>,
    ) -> Self {
        let index = cache.index(&name);
        let known = match &index {
            None => Known::Unknown(unknown(&name, "ZooKeeper was not asked yet")),
            Some(Index { rollout, .. }) => Known::Known {
                rollout: Arc::new(rollout.clone()),
                is_current: false,
            },
        };
        let incarnation = index.as_ref().map(|index| index.incarnation);
        Self {
            name,
            cache,
            session,
            known: watch::Sender::new(known),
            memory: Mutex::new(Memory::of(incarnation)),
            keeping: Keeping::new(index),
        }
    }

    pub(super) fn name(&self) -> &AppName {
        &self.name
    }

    pub(super) fn cache(&self) -> &Cache {
        &self.cache
    }

    pub(super) fn session(&self) -> watch::Receiver<Option<Client>> {
        self.session.clone()
    }

    pub(super) fn known(&self) -> watch::Receiver<Known> {
        self.known.subscribe()
    }

    /// The session, if it has a connection.
    pub(super) fn connected(&self) -> Option<Client> {
        let client = self.session.borrow().clone()?;
        let is_connected = matches!(*client.state().borrow(), State::Connected(_));
        is_connected.then_some(client)
    }

    pub(super) fn slot(&self, release: u64) -> Arc<Slot> {
        self.memory.lock().slot(release)
    }

    /// Which app of the name it is, and how it stands, if ZooKeeper says so now.
    pub(super) fn current(&self) -> Option<(Incarnation, Arc<Rollout>)> {
        let incarnation = self.memory.lock().incarnation()?;
        match &*self.known.borrow() {
            Known::Known {
                rollout,
                is_current: true,
            } => Some((incarnation, rollout.clone())),
            _ => None,
        }
    }

    /// The address of a release's manifest, as the disk says, if that is of the same app.
    pub(super) fn kept_manifest(&self, release: u64) -> Option<Digest> {
        let incarnation = self.memory.lock().incarnation();
        let index = self.keeping.index()?;
        let is_same = incarnation == Some(index.incarnation);
        index.releases.get(&release).copied().filter(|_| is_same)
    }

    /// The release that comes next, to be asked for before it is known to be there.
    pub(super) fn next_release(&self) -> Option<u64> {
        match &*self.known.borrow() {
            Known::Known { rollout, .. } => rollout.release.checked_add(1),
            Known::Unknown(_) | Known::NoSuchApp => None,
        }
    }

    /// This is how it stands. The record of its release may have come with it.
    pub(super) fn found(&self, incarnation: Incarnation, rollout: Rollout, came: Option<Release>) {
        {
            let mut memory = self.memory.lock();
            memory.belongs_to(Some(incarnation));
            if let Some(record) = came.filter(|record| record.release == rollout.release) {
                // Whoever holds the lock is reading the same already.
                let slot = memory.slot(record.release);
                if let Ok(mut content) = slot.try_lock() {
                    content.record = Some(record);
                }
            }
        }
        self.publish(Known::Known {
            rollout: Arc::new(rollout),
            is_current: true,
        });
        self.keeping.look();
    }

    /// There is no such app.
    pub(super) fn not_found(&self) {
        self.memory.lock().belongs_to(None);
        self.publish(Known::NoSuchApp);
    }

    /// ZooKeeper does not say any more how it stands.
    pub(super) fn lost(&self, why: &str) {
        self.known.send_if_modified(|known| match known {
            Known::Known { is_current, .. } => mem::replace(is_current, false),
            Known::Unknown(known) => {
                let now = unknown(&self.name, why);
                let is_news = *known != now;
                *known = now;
                is_news
            }
            Known::NoSuchApp => false,
        });
    }

    fn publish(&self, now: Known) {
        self.known.send_if_modified(|known| {
            let is_news = *known != now;
            *known = now;
            is_news
        });
    }
}

fn unknown(app: &AppName, why: &str) -> String {
    format!("the configuration {app} is not on this host, and it cannot be fetched: {why}")
}
