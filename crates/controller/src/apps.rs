//! Which apps there are, and one driver for each.

use crate::{controller::Shared, driver::Driver, fence::Fence, publisher::Publisher};
use dockeeper_model::{config::AppName, layout::CONFIG};
use dockeeper_registry::trouble::Trouble;
use dockeeper_zk_client::{Client, Error, ErrorCode, OneShot};
use std::{
    collections::{BTreeMap, BTreeSet},
    future::pending,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep},
};

/// How many apps are looked after. Each costs a watch, and a read each comparison.
const APPS_MAX: usize = 10_000;

/// How many rollouts are driven at a time; the others wait. Each mirrors what the hosts say of its
/// app, also while it waits for a person.
const ROLLOUTS_MAX: usize = 1_000;

/// How long before something is read again that could not be read.
pub(crate) const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Somebody else leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deposed;

/// The drivers of a term.
pub(crate) struct Apps<P> {
    shared: Arc<Shared<P>>,
    client: Client,
    fence: Fence,
    began: Instant,
    places: Arc<Semaphore>,
    /// Ended with this.
    tasks: JoinSet<Deposed>,
    drivers: BTreeMap<AppName, AbortHandle>,
}

// === impl Apps ===

impl<P: Publisher> Apps<P> {
    pub(crate) fn new(shared: Arc<Shared<P>>, client: Client, fence: Fence) -> Self {
        Self {
            shared,
            client,
            fence,
            began: Instant::now(),
            places: Arc::new(Semaphore::new(ROLLOUTS_MAX)),
            tasks: JoinSet::new(),
            drivers: BTreeMap::new(),
        }
    }

    /// Drives the rollouts of all apps until somebody else leads.
    pub(crate) async fn run(mut self) -> Deposed {
        let mut trouble = Trouble::default();
        loop {
            let (changed, pause) = match self.list().await {
                Ok((names, changed)) => {
                    trouble.ends(Instant::now());
                    self.set(names);
                    (Some(changed), self.shared.config.compare_interval)
                }
                Err(error) => {
                    if trouble.occurs(Instant::now()).is_some() {
                        tracing::warn!(%error, "cannot list the apps; trying again");
                    }
                    (None, RETRY_PAUSE)
                }
            };
            tokio::select! {
                () = fired(changed) => {}
                () = sleep(pause) => {}
                deposed = self.deposed() => return deposed,
            }
        }
    }

    /// The apps' names, and a watch for the next change to them.
    async fn list(&self) -> Result<(Vec<String>, OneShot), Error> {
        loop {
            match self.client.list_and_watch(CONFIG).await {
                Ok((names, _, changed)) => return Ok((names, changed)),
                Err(error) if error.is(ErrorCode::NoNode) => {}
                Err(error) => return Err(error),
            }
            let (found, changed) = self.client.exists_and_watch(CONFIG).await?;
            if found.is_none() {
                return Ok((Vec::new(), changed));
            }
        }
    }

    fn set(&mut self, mut names: Vec<String>) {
        if names.len() > APPS_MAX {
            let apps = names.len();
            tracing::error!(
                apps,
                "only the first {APPS_MAX} apps by name are rolled out"
            );
            names.sort_unstable();
            names.truncate(APPS_MAX);
        }
        let apps: BTreeSet<AppName> = names.iter().filter_map(|name| name.parse().ok()).collect();
        self.drivers.retain(|app, driver| {
            let is_there = apps.contains(app);
            if !is_there {
                driver.abort();
            }
            is_there
        });
        for app in apps {
            if !self.drivers.contains_key(&app) {
                let driver = Driver::new(
                    self.shared.clone(),
                    self.client.clone(),
                    self.fence,
                    app.clone(),
                    self.began,
                );
                let driver = self.tasks.spawn(driver.run(self.places.clone()));
                self.drivers.insert(app, driver);
            }
        }
    }

    async fn deposed(&mut self) -> Deposed {
        while let Some(ended) = self.tasks.join_next().await {
            match ended {
                Ok(deposed) => return deposed,
                Err(error) if error.is_cancelled() => {}
                Err(error) => {
                    tracing::error!(%error, "a rollout's driver has crashed");
                    // It is begun again with the next list.
                    self.drivers.retain(|_, driver| !driver.is_finished());
                }
            }
        }
        pending().await
    }
}

/// Waits for a change; for ever where there is no watch.
async fn fired(changed: Option<OneShot>) {
    match changed {
        Some(changed) => drop(changed.fired().await),
        None => pending().await,
    }
}
