//! What all who work for a host's containers share.

use super::{
    Config,
    board::Board,
    choice::Candidate,
    rendering::Renderings,
    slot::{Key, Slot},
};
use crate::host::{feed::Feeds, plugin::Table, surroundings::Surroundings, volume::Root};
use dockeeper_engine::ContainerId;
use dockeeper_model::config::{AppName, ContainerRef};
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// How long a restart is remembered that is over: what Docker says of it comes behind.
const RESTART_REMEMBERED_FOR: Duration = Duration::from_secs(10);

/// What all who work for a host's containers share.
pub(super) struct Hub<E> {
    pub(super) config: Config,
    pub(super) engine: Arc<E>,
    pub(super) feeds: Feeds,
    pub(super) surroundings: Surroundings,
    pub(super) root: Root,
    pub(super) table: Table,
    pub(super) board: Board,
    pub(super) renderings: Renderings,
    slots: Mutex<BTreeMap<Key, Arc<Slot>>>,
    restarts: Mutex<BTreeMap<ContainerId, Restarted>>,
    /// Told when what is to be kept on disk may be something else than before.
    changed: watch::Sender<()>,
}

/// A container that is being restarted so that it takes a new release.
struct Restarted {
    /// What it ran of each app.
    runs: BTreeMap<AppName, u64>,
    /// When this is forgotten; `None` while the restart lasts.
    until: Option<Instant>,
}

/// A container is being restarted as long as this lives.
pub(super) struct Restart<'a, E> {
    hub: &'a Hub<E>,
    container: ContainerId,
}

// === impl Hub ===

impl<E> Hub<E> {
    pub(super) fn new(
        config: Config,
        engine: Arc<E>,
        feeds: Feeds,
        surroundings: Surroundings,
        root: Root,
        table: Table,
    ) -> Self {
        Self {
            config,
            engine,
            feeds,
            surroundings,
            root,
            table,
            board: Board::new(),
            renderings: Renderings::default(),
            slots: Mutex::default(),
            restarts: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }

    pub(super) fn now_ms(&self) -> i64 {
        (self.config.now_ms)()
    }

    pub(super) fn slot(&self, key: &Key) -> Option<Arc<Slot>> {
        self.slots.lock().get(key).cloned()
    }

    pub(super) fn slots(&self) -> Vec<Arc<Slot>> {
        self.slots.lock().values().cloned().collect()
    }

    pub(super) fn insert(&self, slot: Arc<Slot>) {
        self.slots.lock().insert(slot.key.clone(), slot);
    }

    pub(super) fn remove(&self, key: &Key) {
        self.slots.lock().remove(key);
    }

    /// Somebody sees another release, or nobody one that somebody saw; or there are other volumes.
    pub(super) fn changed(&self) {
        self.changed.send_replace(());
    }

    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Which releases the containers see, by their apps.
    pub(super) fn in_use(&self) -> BTreeMap<AppName, BTreeSet<u64>> {
        let mut in_use: BTreeMap<AppName, BTreeSet<u64>> = BTreeMap::new();
        for slot in self.slots() {
            if let Some(current) = slot.current() {
                let releases = in_use.entry(slot.app.clone()).or_default();
                releases.insert(current.release);
            }
        }
        in_use
    }

    /// Notes that a container is being restarted, and what it runs.
    pub(super) fn restart(&self, container: ContainerId) -> Restart<'_, E> {
        let slots = self.slots();
        let its = slots.iter().filter(|slot| slot.owner() == Some(container));
        let runs = its.filter_map(|slot| Some((slot.app.clone(), slot.current()?.release)));
        let restarted = Restarted {
            runs: runs.collect(),
            until: None,
        };
        self.restarts.lock().insert(container, restarted);
        Restart {
            hub: self,
            container,
        }
    }

    /// What a container ran that is being restarted so that it takes a new release.
    pub(super) fn restarted_from(&self, container: &ContainerId, app: &AppName) -> Option<u64> {
        let mut restarts = self.restarts.lock();
        restarts.retain(|_, restarted| restarted.counts());
        restarts.get(container)?.runs.get(app).copied()
    }

    pub(super) fn is_restarting(&self, container: &ContainerId) -> bool {
        let restarts = self.restarts.lock();
        restarts.get(container).is_some_and(Restarted::counts)
    }

    pub(super) fn candidate(&self, container: &ContainerId, app: &AppName) -> Candidate {
        Candidate {
            container: reference(container),
            restarted_from: self.restarted_from(container, app),
        }
    }
}

/// A container as records name it.
pub(super) fn reference(container: &ContainerId) -> ContainerRef {
    let reference = container.to_string().parse();
    reference.expect("a container's id consists of hexadecimal digits")
}

// === impl Restarted ===

impl Restarted {
    fn counts(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() < until)
    }
}

// === impl Restart ===

impl<E> Drop for Restart<'_, E> {
    fn drop(&mut self) {
        if let Some(restarted) = self.hub.restarts.lock().get_mut(&self.container) {
            restarted.until = Some(Instant::now() + RESTART_REMEMBERED_FOR);
        }
    }
}
