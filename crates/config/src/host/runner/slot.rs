//! One mount of a volume, as all who work on it share it.

use crate::host::volume::{Current, Error, Mount, MountId, Notes, VolumeName};
use dockeeper_engine::ContainerId;
use dockeeper_model::config::AppName;
use parking_lot::Mutex;
use std::{
    future::pending,
    io,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    sync::{Mutex as AsyncMutex, watch},
    task::spawn_blocking,
    time::Instant,
};

/// Which mount it is.
pub(super) type Key = (VolumeName, MountId);

/// One mount of a volume, as all who work on it share it.
pub(super) struct Slot {
    pub(super) key: Key,
    pub(super) app: AppName,
    pub(super) made: Instant,
    path: PathBuf,
    device: u64,
    /// `None` when it was taken away.
    mount: Arc<Mutex<Option<Mount>>>,
    /// Whose it is.
    owner: Mutex<Option<ContainerId>>,
    /// Whose it is by what Docker says, before there is a process that proves it.
    hint: watch::Sender<Option<ContainerId>>,
    /// Held by who lays the first release down.
    filling: AsyncMutex<()>,
}

// === impl Slot ===

impl Slot {
    pub(super) fn new(mount: Mount, app: AppName) -> Result<Self, Error> {
        Ok(Self {
            key: (mount.volume().clone(), mount.id().clone()),
            app,
            made: Instant::now(),
            path: mount.path().to_owned(),
            device: mount.device()?,
            mount: Arc::new(Mutex::new(Some(mount))),
            owner: Mutex::new(None),
            hint: watch::Sender::new(None),
            filling: AsyncMutex::new(()),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn device(&self) -> u64 {
        self.device
    }

    pub(super) fn owner(&self) -> Option<ContainerId> {
        *self.owner.lock()
    }

    pub(super) fn set_owner(&self, owner: Option<ContainerId>) {
        *self.owner.lock() = owner;
    }

    pub(super) fn hint(&self) -> &watch::Sender<Option<ContainerId>> {
        &self.hint
    }

    pub(super) fn filling(&self) -> &AsyncMutex<()> {
        &self.filling
    }

    /// What the container sees.
    pub(super) fn current(&self) -> Option<Current> {
        self.mount.lock().as_ref()?.current()
    }

    pub(super) fn notes(&self) -> Notes {
        let mount = self.mount.lock();
        mount
            .as_ref()
            .map(|mount| mount.notes().clone())
            .unwrap_or_default()
    }

    /// Does something to the mount, on a thread that may wait.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Mount) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (mount, path) = (self.mount.clone(), self.path.clone());
        blocking(move || match &mut *mount.lock() {
            Some(mount) => work(mount),
            None => Err(Error::File {
                action: "use",
                path,
                error: io::Error::new(io::ErrorKind::NotFound, "it was unmounted"),
            }),
        })
        .await
    }

    /// Has the mount taken away, after whatever is being done to it, and before anything else is.
    pub(super) fn take_away<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut mount = self.mount.lock();
        *mount = None;
        work()
    }

    /// Changes what is known of the container.
    pub(super) async fn note(
        &self,
        change: impl FnOnce(&mut Notes) + Send + 'static,
    ) -> Result<(), Error> {
        let noted = self.with(|mount| {
            let mut notes = mount.notes().clone();
            change(&mut notes);
            mount.note(notes)
        });
        noted.await
    }
}

/// Runs on a thread that may wait.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        // The runtime ends, and this with it.
        Err(_) => pending().await,
    }
}
