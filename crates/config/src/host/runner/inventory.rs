//! Finds out whose each mount is, and has a task for each.

use super::{
    hub::{Hub, reference},
    member::{End, Member},
    plugin::release,
    slot::{Slot, blocking},
    stops::Stops,
    task::Task,
};
use crate::host::owner::{Holder, holders};
use dockeeper_engine::{
    Action, ContainerId, Engine, Event,
    container::{State, Summary},
    watch::{Change, Changes},
};
use futures_util::StreamExt;
use std::{
    collections::{BTreeMap, btree_map},
    io,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

/// How long a mount may be nobody's: a container's start waits for its other volumes and its
/// networks, and for Docker to get to it.
const STARTING_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Finds out whose each mount is, and has a task for each.
pub(super) struct Inventory<E> {
    hub: Arc<Hub<E>>,
    changes: Changes,
    members: BTreeMap<ContainerId, watch::Sender<Member>>,
    stops: Stops,
    tasks: JoinSet<()>,
}

// === impl Inventory ===

impl<E: Engine> Inventory<E> {
    pub(super) fn new(hub: Arc<Hub<E>>, changes: Changes) -> Self {
        Self {
            hub,
            changes,
            members: BTreeMap::new(),
            stops: Stops::default(),
            tasks: JoinSet::new(),
        }
    }

    /// Works until it is dropped, and its tasks with it.
    pub(super) async fn run(mut self) {
        let mut compare = interval(self.hub.config.compare_interval);
        compare.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(change) = self.changes.next() => match change {
                    Change::Event(event) => self.happened(event).await,
                    Change::Resync { .. } => self.compare().await,
                },
                _ = compare.tick() => self.compare().await,
                Some(ended) = self.tasks.join_next() => if let Err(error) = ended {
                    tracing::error!(%error, "a container's configuration is not looked after");
                },
            }
        }
    }

    async fn happened(&mut self, event: Event) {
        let Event { id, action, .. } = event;
        match action {
            Action::VolumeMount { volume, driver } if driver == self.hub.config.driver => {
                self.hint(id, &volume);
            }
            Action::Start => {
                if let Err(why) = self.identify().await {
                    tracing::debug!(%why, "cannot find out whose volumes are");
                }
            }
            Action::Kill { signal } => {
                if let Some(member) = self.members.get(&id) {
                    self.stops.signal(&member.borrow().container, signal);
                }
            }
            Action::Die { exit_code } => {
                let is_by_itself = !self.stops.take(&id);
                let exit_code = Some(exit_code);
                self.end(
                    id,
                    End {
                        exit_code,
                        is_by_itself,
                    },
                );
            }
            Action::HealthStatus(_)
            | Action::Rename { .. }
            | Action::NetworkConnect { .. }
            | Action::NetworkDisconnect { .. }
                if self.members.contains_key(&id) =>
            {
                self.look(id).await;
            }
            _ => {}
        }
    }

    /// Docker has mounted a volume for this container. Where several mounts of it are nobody's, that
    /// does not say which.
    fn hint(&self, container: ContainerId, volume: &str) {
        let slots = self.hub.slots();
        let is_meant = |slot: &&Arc<Slot>| {
            let (name, _) = &slot.key;
            name.as_str() == volume && slot.owner().is_none() && slot.hint().borrow().is_none()
        };
        let meant: Vec<_> = slots.iter().filter(is_meant).collect();
        if let [slot] = meant[..] {
            slot.hint().send_replace(Some(container));
        }
    }

    /// Compares everything with what the engine says.
    async fn compare(&mut self) {
        let known: Vec<_> = self.members.keys().copied().collect();
        for id in known {
            self.look(id).await;
        }
        match self.identify().await {
            Ok(()) => self.hub.board.open(),
            Err(why) => return tracing::debug!(%why, "cannot compare volumes with containers"),
        }
        let mut waiting = self.hub.slots().into_iter();
        for slot in waiting.by_ref().filter(|slot| slot.owner().is_none()) {
            if slot.made.elapsed() >= STARTING_LIMIT {
                give_back(&self.hub, &slot).await;
            }
        }
    }

    /// Looks at a container again.
    async fn look(&mut self, id: ContainerId) {
        let inspected = match self.hub.engine.inspect(&id).await {
            Ok(inspected) => inspected,
            Err(error) => return tracing::debug!(%error, "cannot look at a container"),
        };
        let Some(member) = self.members.get(&id) else {
            return;
        };
        let run = member.borrow().container.started_at_ms;
        let same_run = inspected.filter(|found| {
            matches!(found.state, State::Running | State::Paused) && found.started_at_ms == run
        });
        let Some(container) = same_run else {
            // How it ended, an event tells or has told: this is for when it was lost.
            let is_by_itself = false;
            let exit_code = None;
            return self.end(
                id,
                End {
                    exit_code,
                    is_by_itself,
                },
            );
        };
        let now = Member::new(container);
        member.send_if_modified(|member| {
            let is_news = *member != now;
            *member = now;
            is_news
        });
    }

    /// A run of a container is over.
    fn end(&mut self, id: ContainerId, end: End) {
        if let Some(member) = self.members.remove(&id) {
            member.send_modify(|member| member.end = Some(end));
        }
        for slot in self.hub.slots() {
            if slot.owner() == Some(id) {
                slot.set_owner(None);
            }
        }
    }

    /// Finds the containers of the mounts that are nobody's.
    async fn identify(&mut self) -> Result<(), String> {
        let slots = self.hub.slots().into_iter();
        let unowned: Vec<_> = slots.filter(|slot| slot.owner().is_none()).collect();
        if unowned.is_empty() {
            return Ok(());
        }
        let summaries = self.hub.engine.summaries().await;
        let summaries = summaries.map_err(|error| error.to_string())?;
        let driver = self.hub.config.driver.clone();
        let found = blocking(move || find(unowned, &summaries, &driver)).await;
        for (slot, container, destination) in found.map_err(|error| error.to_string())? {
            self.adopt(slot, container, destination).await?;
        }
        Ok(())
    }

    /// It is known whose a mount is.
    async fn adopt(
        &mut self,
        slot: Arc<Slot>,
        id: ContainerId,
        destination: PathBuf,
    ) -> Result<(), String> {
        let member = match self.members.entry(id) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(new) => {
                let inspected = self.hub.engine.inspect(&id).await;
                let inspected = inspected.map_err(|error| error.to_string())?;
                let running = inspected.filter(|found| found.pid != 0);
                let Some(container) = running else {
                    return Ok(());
                };
                new.insert(watch::Sender::new(Member::new(container)))
            }
        };
        let member = member.subscribe();
        slot.set_owner(Some(id));
        slot.hint().send_replace(Some(id));
        let (_, mount) = &slot.key;
        let place = (slot.app.clone(), reference(&id), mount.clone());
        if slot.notes().container.is_some() {
            self.hub.board.adopt(place.clone());
        }
        let hub = self.hub.clone();
        self.tasks.spawn(async move {
            match Task::new(hub, slot, place, destination, member).await {
                Ok(task) => task.run().await,
                Err(error) => tracing::warn!(%error, "cannot look after a volume"),
            }
        });
        Ok(())
    }
}

/// Removes a mount that has been nobody's for too long.
async fn give_back<E: Engine>(hub: &Arc<Hub<E>>, slot: &Arc<Slot>) {
    let (volume, mount) = &slot.key;
    match release(hub, slot).await {
        Ok(()) => tracing::debug!(%volume, %mount, "removed a mount that nobody has"),
        Err(why) => tracing::warn!(%volume, %mount, %why, "cannot remove a mount"),
    }
}

/// Which of the mounts some container has, and where it has it.
fn find(
    slots: Vec<Arc<Slot>>,
    summaries: &[Summary],
    driver: &str,
) -> io::Result<Vec<(Arc<Slot>, ContainerId, PathBuf)>> {
    let mut found = Vec::new();
    for slot in slots {
        let all = holders(slot.device(), slot.path())?;
        let (volume, _) = &slot.key;
        let its = |summary: &Summary| {
            let mut volumes = summary.volumes.iter();
            if !volumes.any(|had| had.volume == volume.as_str() && had.driver == driver) {
                return None;
            }
            let is_its = |holder: &&Holder| holder.is_of(&summary.id);
            let holder = all.iter().find(is_its)?;
            Some((summary.id, holder.mount_point.clone()))
        };
        if let Some((container, destination)) = summaries.iter().find_map(its) {
            found.push((slot, container, destination));
        }
    }
    Ok(found)
}
