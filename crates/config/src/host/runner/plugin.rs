//! What Docker asks for, and is answered.

use super::{
    hub::Hub,
    mounting::Mounting,
    slot::{Slot, blocking},
};
use crate::host::{
    owner::holders,
    plugin::{Options, Refusal, Volume, Volumes},
    volume::{MountId, VolumeName},
};
use dockeeper_engine::Engine;
use std::{path::PathBuf, sync::Arc};

/// What Docker asks for, and is answered.
pub(super) struct Plugin<E>(pub(super) Arc<Hub<E>>);

// === impl Plugin ===

impl<E: Engine> Volumes for Plugin<E> {
    async fn create(&self, volume: VolumeName, options: Options) -> Result<(), Refusal> {
        let hub = self.0.clone();
        blocking(move || hub.table.create(volume, options)).await?;
        self.0.changed();
        Ok(())
    }

    async fn get(&self, volume: &VolumeName) -> Result<Option<Volume>, Refusal> {
        Ok(self.0.table.get(volume))
    }

    async fn list(&self) -> Result<Vec<Volume>, Refusal> {
        Ok(self.0.table.list())
    }

    async fn mount(&self, volume: &VolumeName, id: &MountId) -> Result<PathBuf, Refusal> {
        let key = (volume.clone(), id.clone());
        if let Some(slot) = self.0.slot(&key) {
            return Ok(slot.path().to_owned());
        }
        let found = self.0.table.get(volume);
        let found = found.ok_or_else(|| Refusal::new(format!("there is no volume {volume}")))?;
        Mounting::new(&self.0, key, found).run().await
    }

    async fn unmount(&self, volume: &VolumeName, id: &MountId) -> Result<(), Refusal> {
        let Some(slot) = self.0.slot(&(volume.clone(), id.clone())) else {
            return Ok(());
        };
        release(&self.0, &slot).await?;
        Ok(())
    }

    async fn remove(&self, volume: &VolumeName) -> Result<(), Refusal> {
        let (hub, volume) = (self.0.clone(), volume.clone());
        blocking(move || hub.table.remove(&volume)).await?;
        self.0.changed();
        Ok(())
    }
}

/// Wipes a mount and takes it away, unless some process has it.
pub(super) async fn release<E: Engine>(hub: &Arc<Hub<E>>, slot: &Arc<Slot>) -> Result<(), Refusal> {
    let (owner, its) = (hub.clone(), slot.clone());
    let removed = blocking(move || {
        if !holders(its.device(), its.path())?.is_empty() {
            return Ok(());
        }
        owner.remove(&its.key);
        let (volume, id) = &its.key;
        its.take_away(|| owner.root.remove(volume, id))?;
        Ok::<_, Refusal>(())
    });
    removed.await?;
    hub.changed();
    Ok(())
}
