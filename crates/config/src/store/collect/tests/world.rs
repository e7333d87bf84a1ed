//! What ZooKeeper does, without ZooKeeper. Each request takes effect at some time between its
//! sending and its answer.

use super::{SESSION, Total};
use crate::{
    bundle::{Parts, chunks_of},
    store::{
        Error,
        backend::{Backend, BlobStat, Fence, Removed},
    },
};
use bytes::Bytes;
use dockeeper_model::config::{AppName, Digest, Kind, Release};
use fastrand::Rng;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    future::poll_fn,
    mem,
    task::Poll,
};
use tokio::time::Instant;

pub(super) struct World {
    pub(super) total: RefCell<Total>,
    rng: RefCell<Rng>,
    origin: Instant,
    /// What each manifest refers to, and its content.
    manifests: BTreeMap<Digest, (BTreeSet<Digest>, Bytes)>,
    blobs: RefCell<BTreeMap<Digest, (i32, i64)>>,
    releases: RefCell<BTreeMap<u64, Release>>,
    last: RefCell<u64>,
    fence: RefCell<i32>,
}

// === impl World ===

impl World {
    pub(super) fn new(rng: Rng, bundles: &[Parts]) -> Self {
        let manifests = bundles.iter().map(|parts| {
            let mut blobs = chunks_of(&parts.manifest);
            blobs.insert(parts.address);
            (
                parts.address,
                (blobs, parts.contents[&parts.address].clone()),
            )
        });
        Self {
            total: RefCell::default(),
            rng: RefCell::new(rng),
            origin: Instant::now(),
            manifests: manifests.collect(),
            blobs: RefCell::default(),
            releases: RefCell::default(),
            last: RefCell::default(),
            fence: RefCell::default(),
        }
    }

    pub(super) fn random(&self, end: usize) -> usize {
        self.rng.borrow_mut().usize(..end)
    }

    /// A blob that a release refers to and that is not there.
    pub(super) fn lacking(&self) -> Option<String> {
        let blobs = self.blobs.borrow();
        let releases = self.releases.borrow();
        releases.values().find_map(|release| {
            let (needed, _) = &self.manifests[&release.manifest];
            let lacking = needed.iter().find(|blob| !blobs.contains_key(blob))?;
            Some(format!("release {} lacks {lacking}", release.release))
        })
    }

    /// Whether it could: not if the request was on its way for too long.
    pub(super) async fn publish(&self, parts: &Parts) -> bool {
        let sent = Instant::now();
        self.request(|| {
            if sent.elapsed() > SESSION {
                return false;
            }
            let mut last = self.last.borrow_mut();
            *last += 1;
            let release = Release {
                release: *last,
                manifest: parts.address,
                kind: Kind::Apply,
                of: None,
                message: String::new(),
                by: String::new(),
                created_ms: 0,
                files: 0,
                keys: 0,
                bytes: 0,
                inline: BTreeMap::new(),
            };
            self.releases.borrow_mut().insert(*last, release);
            true
        })
        .await
    }

    /// Forgets some release, most often one of several.
    pub(super) async fn forget(&self) {
        self.request(|| {
            let mut releases = self.releases.borrow_mut();
            if releases.len() > self.random(3) {
                let at = self.random(releases.len());
                let release = *releases.keys().nth(at).unwrap();
                releases.remove(&release);
            }
        })
        .await;
    }

    async fn request<T>(&self, effect: impl FnOnce() -> T) -> T {
        turn().await;
        let answer = effect();
        turn().await;
        answer
    }

    fn now_ms(&self) -> i64 {
        i64::try_from(self.origin.elapsed().as_millis()).unwrap()
    }
}

/// Lets whoever polls decide who is next: tokio's own yielding would wait for its scheduler.
async fn turn() {
    let mut is_second = false;
    poll_fn(|context| {
        if mem::replace(&mut is_second, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Backend for World {
    async fn stat(&self, blob: &Digest) -> Result<Option<BlobStat>, Error> {
        self.request(|| {
            let blobs = self.blobs.borrow();
            Ok(blobs.get(blob).map(|(version, written_ms)| BlobStat {
                version: *version,
                written_ms: *written_ms,
                len: 1,
            }))
        })
        .await
    }

    async fn write(&self, blob: &Digest, _packed: &Bytes) -> Result<i64, Error> {
        self.request(|| {
            let now_ms = self.now_ms();
            let mut blobs = self.blobs.borrow_mut();
            let next = blobs.get(blob).map_or(0, |(version, _)| version + 1);
            blobs.insert(*blob, (next, now_ms));
            Ok(now_ms)
        })
        .await
    }

    async fn read(&self, blob: &Digest) -> Result<Option<Bytes>, Error> {
        self.request(|| {
            let is_there = self.blobs.borrow().contains_key(blob);
            Ok(is_there.then(|| self.manifests[blob].1.clone()))
        })
        .await
    }

    async fn begin_collection(&self) -> Result<Fence, Error> {
        self.request(|| {
            let mut version = self.fence.borrow_mut();
            *version += 1;
            Ok(Fence {
                version: *version,
                began_ms: self.now_ms(),
            })
        })
        .await
    }

    async fn folders(&self) -> Result<Vec<String>, Error> {
        self.request(|| Ok(vec![String::new()])).await
    }

    async fn blobs(&self, _folder: &str) -> Result<Vec<Digest>, Error> {
        self.request(|| Ok(self.blobs.borrow().keys().copied().collect()))
            .await
    }

    async fn remove(&self, fence: Fence, blob: &Digest, version: i32) -> Result<Removed, Error> {
        self.request(|| {
            if *self.fence.borrow() != fence.version {
                return Ok(Removed::Fenced);
            }
            let mut blobs = self.blobs.borrow_mut();
            let is_same = blobs.get(blob).is_some_and(|(found, _)| *found == version);
            Ok(match is_same {
                true => {
                    blobs.remove(blob);
                    Removed::Gone
                }
                false => Removed::Changed,
            })
        })
        .await
    }

    async fn apps(&self) -> Result<Vec<AppName>, Error> {
        self.request(|| Ok(vec!["web".parse().unwrap()])).await
    }

    async fn releases(&self, _app: &AppName) -> Result<Vec<u64>, Error> {
        self.request(|| Ok(self.releases.borrow().keys().copied().collect()))
            .await
    }

    async fn release(&self, _app: &AppName, release: u64) -> Result<Option<Release>, Error> {
        self.request(|| Ok(self.releases.borrow().get(&release).cloned()))
            .await
    }
}
