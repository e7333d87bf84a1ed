//! A mount that Docker asks for: what a container is started with.

use super::{
    choice::choose,
    hub::Hub,
    laying::lay_down,
    member::facts_before_start,
    slot::{Key, Slot, blocking},
};
use crate::{
    bundle::Bundle,
    host::{
        feed::{FeedError, Known},
        owner::candidates,
        plugin::{MOUNT_LIMIT, Refusal, Volume},
        subscriber::Trouble,
        volume::Error,
    },
    render::Rendered,
    template::{Asked, Container},
};
use dockeeper_engine::{ContainerId, Engine, container::Summary};
use dockeeper_model::config::{AppName, Rollout};
use parking_lot::Mutex;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

/// How long a container's start waits for its first release. Docker waits longer, and the plugin
/// ([`MOUNT_LIMIT`]); so the user reads what was waited for.
pub(super) const MOUNT_WAIT: Duration = Duration::from_secs(25);

const _: () = assert!(MOUNT_WAIT.as_secs() < MOUNT_LIMIT.as_secs());

/// How long word of ZooKeeper's is waited for where the disk has an older one: right after its start an
/// agent has no connection yet.
const CURRENT_WAIT: Duration = Duration::from_secs(1);

/// Before what did not work, and may work later, is tried again.
const AGAIN_PAUSE: Duration = Duration::from_millis(500);

/// A mount in the making.
pub(super) struct Mounting<E> {
    hub: Arc<Hub<E>>,
    key: Key,
    app: AppName,
    /// What is waited for, and why, for people.
    waits_for: Arc<Mutex<String>>,
}

/// The containers that may be meant.
struct Meant {
    all: Vec<ContainerId>,
    /// The one that is meant, where there is no doubt.
    only: Option<Summary>,
}

/// What is laid down before the container starts.
struct First {
    release: u64,
    rendered: Arc<Rendered>,
}

// === impl Mounting ===

impl<E: Engine> Mounting<E> {
    pub(super) fn new(hub: &Arc<Hub<E>>, key: Key, volume: Volume) -> Self {
        Self {
            hub: hub.clone(),
            key,
            app: volume.options.config,
            waits_for: Arc::default(),
        }
    }

    /// Makes the mount. Until it is whole, nothing of it is there; nothing is left of one that fails.
    pub(super) async fn run(self) -> Result<PathBuf, Refusal> {
        let prepared = timeout(MOUNT_WAIT, self.prepare()).await;
        let Ok(prepared) = prepared else {
            return Err(Refusal::new(format!(
                "the configuration of app {} is not there yet: waited {MOUNT_WAIT:?} for {}",
                self.app,
                self.waits_for.lock()
            )));
        };
        let first = prepared?;
        let (hub, key, app) = (self.hub.clone(), self.key.clone(), self.app.clone());
        let slot = blocking(move || make(&hub, &key, app, first)).await?;
        self.hub.changed();
        if slot.current().is_none() {
            tokio::spawn(self.fill_later(slot.clone()));
        }
        Ok(slot.path().to_owned())
    }

    /// What is to be laid down; `None` when that depends on the container, and is not known which
    /// one it is.
    async fn prepare(&self) -> Result<Option<First>, Refusal> {
        let rollout = self.rollout().await?;
        let meant = self.meant().await?;
        let asking = meant.all.iter();
        let asking = asking.map(|container| self.hub.candidate(container, &self.app));
        let release = choose(&rollout, &asking.collect::<Vec<_>>());
        let bundle = self.bundle(release).await?;
        let container = meant.only.as_ref().map(facts_before_start);
        let rendered = self.render(&bundle, container).await?;
        Ok(rendered.map(|rendered| First { release, rendered }))
    }

    async fn rollout(&self) -> Result<Arc<Rollout>, Refusal> {
        let feed = self.hub.feeds.follow(&self.app);
        let mut known = feed.rollout();
        let is_old = |known: &Known| {
            let Known::Known { is_current, .. } = known else {
                return false;
            };
            !is_current
        };
        let _ = timeout(CURRENT_WAIT, known.wait_for(|known| !is_old(known))).await;
        loop {
            match known.borrow_and_update().clone() {
                Known::Known { rollout, .. } => return Ok(rollout),
                Known::NoSuchApp => {
                    let app = &self.app;
                    return Err(Refusal::new(format!(
                        "there is no app {app}: give it a configuration with `dockeeper config \
                         apply {app} DIR`, or name another one with the volume's option config=APP"
                    )));
                }
                Known::Unknown(why) => {
                    self.wait_for(format!("word of which release is to be run: {why}"));
                }
            }
            if known.changed().await.is_err() {
                return Err(Refusal::new("the agent is ending"));
            }
        }
    }

    async fn meant(&self) -> Result<Meant, Refusal> {
        self.wait_for("Docker's list of containers".to_owned());
        let summaries = loop {
            match self.hub.engine.summaries().await {
                Ok(summaries) => break summaries,
                Err(error) => {
                    self.wait_for(format!("Docker's list of containers: {error}"));
                    sleep(AGAIN_PAUSE).await;
                }
            }
        };
        let (volume, _) = &self.key;
        let found = candidates(&summaries, volume.as_str(), &self.hub.config.driver);
        let is_restarting = |summary: &&Summary| self.hub.is_restarting(&summary.id);
        let restarting: Vec<_> = found.iter().copied().filter(is_restarting).collect();
        let only = match (&found[..], &restarting[..]) {
            ([only], _) | (_, [only]) => Some((*only).clone()),
            _ => None,
        };
        let all = found.iter().map(|summary| summary.id).collect();
        Ok(Meant { all, only })
    }

    async fn bundle(&self, release: u64) -> Result<Arc<Bundle>, Refusal> {
        let feed = self.hub.feeds.follow(&self.app);
        self.wait_for(format!("the content of release {release}"));
        loop {
            match feed.bundle(release).await {
                Ok(bundle) => return Ok(bundle),
                Err(FeedError::Lasting(why)) => return Err(Refusal::new(why)),
                Err(FeedError::Passing(why)) => {
                    self.wait_for(format!("the content of release {release}: {why}"));
                    sleep(AGAIN_PAUSE).await;
                }
            }
        }
    }

    /// `None` when templates ask for what is known of the container only later.
    async fn render(
        &self,
        bundle: &Arc<Bundle>,
        container: Option<Container>,
    ) -> Result<Option<Arc<Rendered>>, Refusal> {
        let mut asked = Asked::default();
        self.wait_for("what its templates ask for".to_owned());
        loop {
            let hub = &self.hub;
            let (given, known) = (container.clone(), asked);
            let render = hub
                .renderings
                .render(&hub.surroundings, &self.app, bundle, given, known);
            let mut outcome = render.await;
            let why = match outcome.result {
                Ok(rendered) => return Ok(Some(rendered)),
                Err(Trouble::Lasting(why)) => return Err(Refusal::new(why)),
                Err(Trouble::Passing(why)) => why,
            };
            let networks = outcome.asked.container.contains("networks");
            if networks || container.is_none() && !outcome.asked.container.is_empty() {
                return Ok(None);
            }
            self.wait_for(format!("what its templates ask for: {why}"));
            // Nothing is lost by looking again after a while, whatever is said of changes.
            let _ = timeout(AGAIN_PAUSE, outcome.following.changed()).await;
            asked = outcome.asked;
        }
    }

    /// Lays the first release down as soon as it is known whose the mount is. If it cannot be done
    /// so early, it is done as for any container that runs.
    async fn fill_later(self, slot: Arc<Slot>) {
        let filling = slot.filling().lock().await;
        let mut hint = slot.hint().subscribe();
        let filled = timeout(MOUNT_WAIT, async {
            let known = hint.wait_for(Option::is_some).await;
            match known.ok().and_then(|id| *id) {
                // One that runs has to be told.
                Some(container) if slot.owner().is_none() => self.fill(&slot, container).await,
                _ => Ok(()),
            }
        });
        if let Ok(Err(why)) = filled.await {
            tracing::debug!(app = %self.app, %why, "a container starts without files");
        }
        drop(filling);
    }

    async fn fill(&self, slot: &Slot, container: ContainerId) -> Result<(), Refusal> {
        let summaries = self.hub.engine.summaries().await?;
        let mut found = summaries.iter().filter(|summary| summary.id == container);
        let Some(summary) = found.next() else {
            return Ok(());
        };
        let rollout = self.rollout().await?;
        let release = choose(&rollout, &[self.hub.candidate(&container, &self.app)]);
        let bundle = self.bundle(release).await?;
        let rendered = self.render(&bundle, Some(facts_before_start(summary)));
        if let Some(rendered) = rendered.await? {
            let now_ms = self.hub.now_ms();
            slot.with(move |mount| lay_down(mount, release, &rendered, now_ms))
                .await?;
            if slot.owner().is_some() {
                // It runs by now, and may have looked before.
                slot.note(|notes| notes.told = None).await?;
            }
            self.hub.changed();
        }
        Ok(())
    }

    fn wait_for(&self, what: String) {
        *self.waits_for.lock() = what;
    }
}

fn make<E>(
    hub: &Hub<E>,
    key: &Key,
    app: AppName,
    first: Option<First>,
) -> Result<Arc<Slot>, Error> {
    let (volume, id) = key;
    let made = hub.root.create(volume, id).and_then(|mut mount| {
        if let Some(First { release, rendered }) = first {
            lay_down(&mut mount, release, &rendered, hub.now_ms())?;
        }
        Slot::new(mount, app)
    });
    match made {
        Ok(slot) => {
            let slot = Arc::new(slot);
            hub.insert(slot.clone());
            Ok(slot)
        }
        Err(error) => {
            if let Err(error) = hub.root.remove(volume, id) {
                tracing::warn!(%volume, %error, "cannot clean up after a mount that failed");
            }
            Err(error)
        }
    }
}
