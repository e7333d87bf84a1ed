//! Keeps on disk what containers need for a start without ZooKeeper.

use super::app::App;
use crate::host::cache::{CacheError, Incarnation, Index};
use dockeeper_model::config::{Admitted, Digest, Rollout};
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Notify, task, time::sleep};

/// How many releases of an app are kept, the newest of those that are needed: containers of a host
/// rarely run more than two.
const RELEASES_MAX: usize = 16;

/// How long after one writing the next may begin. Rollouts change several times a second.
const PAUSE: Duration = Duration::from_secs(1);

/// What is kept of an app, and for whom.
#[derive(Debug)]
pub(super) struct Keeping {
    wanted: Mutex<Wanted>,
    index: Mutex<Option<Arc<Index>>>,
    /// What this process has written, or has read and found sound. Who writes holds the lock.
    sound: tokio::sync::Mutex<BTreeSet<Digest>>,
    changed: Notify,
}

/// Who needs which releases.
#[derive(Debug, Default)]
struct Wanted {
    next: u64,
    by: BTreeMap<u64, BTreeSet<u64>>,
}

// === impl Keeping ===

impl Keeping {
    /// With what an earlier process has kept.
    pub(super) fn new(index: Option<Index>) -> Self {
        Self {
            wanted: Mutex::default(),
            index: Mutex::new(index.map(Arc::new)),
            sound: tokio::sync::Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// What is on disk.
    pub(super) fn index(&self) -> Option<Arc<Index>> {
        self.index.lock().clone()
    }

    /// The rollout may have changed.
    pub(super) fn look(&self) {
        self.changed.notify_one();
    }

    /// The releases that somebody needs; empty when nothing is to be kept.
    fn wanted(&self, rollout: &Rollout) -> BTreeSet<u64> {
        let wanted = self.wanted.lock();
        let mut releases: BTreeSet<u64> = wanted.by.values().flatten().copied().collect();
        if releases.is_empty() {
            return releases;
        }
        let newcomers = newcomers(rollout);
        releases.remove(&newcomers);
        while releases.len() >= RELEASES_MAX {
            releases.pop_first();
        }
        releases.insert(newcomers);
        releases
    }
}

/// What a container gets that is started now.
fn newcomers(rollout: &Rollout) -> u64 {
    match rollout.admitted {
        Admitted::Everyone => rollout.release,
        Admitted::These(_) => rollout.stable.unwrap_or(rollout.release),
    }
}

// === impl App ===

impl App {
    /// Somebody more follows the app.
    pub(super) fn enter(&self) -> u64 {
        let mut wanted = self.keeping.wanted.lock();
        wanted.next += 1;
        wanted.next
    }

    /// Somebody follows it no longer.
    pub(super) fn leave(&self, number: u64) {
        self.keeping.wanted.lock().by.remove(&number);
    }

    /// Somebody needs these releases on disk.
    pub(super) async fn keep(&self, number: u64, releases: &BTreeSet<u64>) {
        {
            let mut wanted = self.keeping.wanted.lock();
            wanted.by.insert(number, releases.clone());
        }
        self.write().await;
    }

    /// Keeps what changes of what is kept.
    pub(super) async fn keep_following(&self) {
        loop {
            self.keeping.changed.notified().await;
            self.write().await;
            sleep(PAUSE).await;
        }
    }

    /// Brings the disk up to date. Not while ZooKeeper is away: what is there then is all there is.
    async fn write(&self) {
        let mut sound = self.keeping.sound.lock().await;
        let Some((incarnation, rollout)) = self.current() else {
            return;
        };
        let wanted = self.keeping.wanted(&rollout);
        if wanted.is_empty() {
            return;
        }
        // Others may have needed the room.
        let is_there = self.cache().has(self.name());
        if !is_there {
            sound.clear();
        }
        let releases = self.store(incarnation, &wanted, &mut sound).await;
        // Another app by now, whose rollout comes here too.
        if releases.is_empty() || self.current().is_none_or(|(now, _)| now != incarnation) {
            return;
        }
        let rollout = Rollout::clone(&rollout);
        let index = Arc::new(Index {
            incarnation,
            rollout,
            releases,
        });
        if is_there && self.keeping.index().as_ref() == Some(&index) {
            return;
        }
        let (cache, app, written) = (self.cache().clone(), self.name().clone(), index.clone());
        let writing = task::spawn_blocking(move || {
            cache.set_index(&app, &written)?;
            cache.clean(&app, &written)
        });
        match writing.await {
            Ok(Ok(())) => {
                sound.retain(|manifest| index.releases.values().any(|named| named == manifest));
                *self.keeping.index.lock() = Some(index);
            }
            Ok(Err(error)) => self.complain(&error),
            Err(error) => tracing::error!(app = %self.name(), %error, "writing was lost"),
        }
    }

    /// Has the contents of releases on disk, and tells of which.
    async fn store(
        &self,
        incarnation: Incarnation,
        wanted: &BTreeSet<u64>,
        sound: &mut BTreeSet<Digest>,
    ) -> BTreeMap<u64, Digest> {
        let index = self.keeping.index();
        let known = index.filter(|index| index.incarnation == incarnation);
        let mut releases = BTreeMap::new();
        for release in wanted {
            let manifest = known.as_ref().and_then(|index| index.releases.get(release));
            if let Some(manifest) = manifest.filter(|manifest| sound.contains(*manifest)) {
                releases.insert(*release, *manifest);
                continue;
            }
            let fetched = match self.fetch(*release).await {
                Ok(fetched) => fetched,
                Err(error) => {
                    tracing::debug!(app = %self.name(), release, %error, "a release is not kept");
                    continue;
                }
            };
            let (cache, app) = (self.cache().clone(), self.name().clone());
            let manifest = fetched.manifest;
            let adding = task::spawn_blocking(move || cache.add(&app, &manifest, &fetched.bundle));
            match adding.await {
                Ok(Ok(())) => {
                    sound.insert(manifest);
                    releases.insert(*release, manifest);
                }
                Ok(Err(error)) => self.complain(&error),
                Err(error) => tracing::error!(app = %self.name(), %error, "writing was lost"),
            }
        }
        releases
    }

    fn complain(&self, error: &CacheError) {
        tracing::warn!(app = %self.name(), %error, "a configuration is not kept on disk");
    }
}
