//! Renders releases for containers, each as rarely as possible.

use super::{
    outcome::{Outcome, Rendering},
    world::{Subject, World},
};
use dockeeper_config::{
    bundle::Bundle,
    render::render,
    store::{Error, Store},
    template::Asked,
};
use dockeeper_model::{
    NodeName,
    config::{AppName, ContainerRef},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::task::spawn_blocking;

/// How often templates may ask for apps that they did not ask for before: each can decide by what
/// the last one said.
const ROUNDS_MAX: usize = 10;

/// The renderings of a new release and of those that containers run.
pub(super) struct Renderings<'a> {
    store: &'a Store,
    app: &'a AppName,
    world: Arc<World>,
    new: One,
    /// Those that containers run; `None` where one is not there any more.
    old: BTreeMap<u64, Option<One>>,
}

/// The renderings of one release.
struct One {
    bundle: Arc<Bundle>,
    /// What all containers get.
    shared: Option<Arc<Rendering>>,
    /// What all containers of a host get.
    by_node: BTreeMap<NodeName, Arc<Rendering>>,
}

// === impl Renderings ===

impl<'a> Renderings<'a> {
    pub(super) fn new(store: &'a Store, app: &'a AppName, new: &Bundle, world: World) -> Self {
        Self {
            store,
            app,
            world: Arc::new(world),
            new: One::new(new.clone()),
            old: BTreeMap::new(),
        }
    }

    /// What becomes of a container that runs a release, if any.
    pub(super) async fn outcome(
        &mut self,
        node: &NodeName,
        id: &ContainerRef,
        running: Option<u64>,
    ) -> anyhow::Result<Outcome> {
        let subject = Subject {
            node: node.clone(),
            container: id.clone(),
        };
        let new = self.new.render(self.store, &mut self.world, Some(&subject));
        let new = new.await?;
        let old = match running {
            Some(release) => self.old(release, &subject).await?,
            None => None,
        };
        Ok(Outcome::of(&new, old.as_deref()))
    }

    /// What can be said where nobody mounts the app.
    pub(super) async fn without_container(&mut self) -> anyhow::Result<Outcome> {
        let new = self.new.render(self.store, &mut self.world, None).await?;
        Ok(Outcome::of(&new, None))
    }

    async fn old(
        &mut self,
        release: u64,
        subject: &Subject,
    ) -> anyhow::Result<Option<Arc<Rendering>>> {
        if !self.old.contains_key(&release) {
            let one = match self.store.release(self.app, release).await {
                Ok(found) => Some(One::new(self.store.bundle(&found).await?)),
                Err(Error::NoRelease { .. }) => None,
                Err(error) => return Err(error.into()),
            };
            self.old.insert(release, one);
        }
        let Some(Some(one)) = self.old.get_mut(&release) else {
            return Ok(None);
        };
        let rendering = one.render(self.store, &mut self.world, Some(subject));
        rendering.await.map(Some)
    }
}

// === impl One ===

impl One {
    fn new(bundle: Bundle) -> Self {
        Self {
            bundle: Arc::new(bundle),
            shared: None,
            by_node: BTreeMap::new(),
        }
    }

    async fn render(
        &mut self,
        store: &Store,
        world: &mut Arc<World>,
        subject: Option<&Subject>,
    ) -> anyhow::Result<Arc<Rendering>> {
        let of_node = subject.and_then(|subject| self.by_node.get(&subject.node));
        if let Some(known) = self.shared.as_ref().or(of_node) {
            return Ok(known.clone());
        }
        let mut rendering = self.try_render(world, subject).await?;
        for _ in 0..ROUNDS_MAX {
            let missing = world.missing(&asked(&rendering).apps);
            if missing.is_empty() {
                break;
            }
            self.fetch(store, world, missing).await?;
            rendering = self.try_render(world, subject).await?;
        }
        let rendering = Arc::new(rendering);
        let asked = asked(&rendering);
        if asked.container.is_empty() {
            match subject {
                Some(subject) if asked.node => {
                    self.by_node.insert(subject.node.clone(), rendering.clone());
                }
                _ => self.shared = Some(rendering.clone()),
            }
        }
        Ok(rendering)
    }

    /// By a thread of its own: it computes for so long that the session would suffer.
    async fn try_render(
        &self,
        world: &Arc<World>,
        subject: Option<&Subject>,
    ) -> anyhow::Result<Rendering> {
        let (bundle, facts) = (self.bundle.clone(), world.facts(subject));
        Ok(spawn_blocking(move || render(&bundle, &facts)).await?)
    }

    async fn fetch(
        &self,
        store: &Store,
        world: &mut Arc<World>,
        apps: BTreeSet<AppName>,
    ) -> anyhow::Result<()> {
        for app in apps {
            let keys = match store.head(&app).await? {
                Some(head) => Some(store.manifest(&head).await?.keys),
                None => None,
            };
            Arc::make_mut(world).add_app(app, keys);
        }
        Ok(())
    }
}

fn asked(rendering: &Rendering) -> &Asked {
    match rendering {
        Ok(rendered) => &rendered.asked,
        Err(failed) => &failed.asked,
    }
}
