//! What the plugin asks of those who know about volumes.

use super::Options;
use crate::host::volume::{MountId, VolumeName};
use std::{error::Error, fmt, path::PathBuf};

/// Why Docker does not get what it asked for, as its user reads it. Any error becomes one with `?`;
/// for that it cannot be an error itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(String);

/// A volume that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: VolumeName,
    /// What it was created with.
    pub options: Options,
}

/// What the plugin asks of those who know about volumes. All of it may be asked again, as Docker
/// does when an answer was lost; [`Volumes::get`] and [`Volumes::list`] wait for nobody.
pub trait Volumes: Send + Sync + 'static {
    /// Creates a volume. One that is there with the same options is fine.
    fn create(
        &self,
        volume: VolumeName,
        options: Options,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// A volume, if it was created.
    fn get(
        &self,
        volume: &VolumeName,
    ) -> impl Future<Output = Result<Option<Volume>, Refusal>> + Send;

    /// All that were created.
    fn list(&self) -> impl Future<Output = Result<Vec<Volume>, Refusal>> + Send;

    /// Makes a mount, and tells where it lies. One that is there already stays as it is; one that
    /// fails must leave nothing behind, as Docker does not unmount it. It is dropped after
    /// [`MOUNT_LIMIT`](super::MOUNT_LIMIT), and when Docker hangs up, so it should give up before
    /// that and say what it has waited for.
    fn mount(
        &self,
        volume: &VolumeName,
        id: &MountId,
    ) -> impl Future<Output = Result<PathBuf, Refusal>> + Send;

    /// Docker has no need of a mount any more; somebody else may ([`owner`](crate::host::owner)). A
    /// container must not be inspected here: Docker answers only when this is done.
    fn unmount(
        &self,
        volume: &VolumeName,
        id: &MountId,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Forgets a volume. Docker does not ask that while a container has it.
    fn remove(&self, volume: &VolumeName) -> impl Future<Output = Result<(), Refusal>> + Send;
}

// === impl Refusal ===

impl Refusal {
    /// Says why.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl<E: Error> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
