//! What a host knows of apps' releases: how each rollout stands, and what a release consists of.
//!
//! Of an app that somebody here follows, its rollout is watched, and nothing else: a thousand agents
//! do the same. A rollout that tells of a new release comes with that release's record, which is
//! asked for in the same breath; of a small release, that is all there is to fetch. What containers
//! run is kept on disk, and is what there is while ZooKeeper is away.

mod app;
mod error;
mod follower;
mod keeping;
mod memory;
mod release;

pub use self::error::FeedError;

use self::app::App;
use super::cache::Cache;
use crate::bundle::Bundle;
use dockeeper_model::config::{AppName, Rollout};
use dockeeper_zk_client::Client;
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::{self, AbortHandle},
};

/// What a host knows of apps' releases. A cheap handle.
#[derive(Clone, Debug)]
pub struct Feeds {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    cache: Cache,
    compare_interval: Duration,
    session: watch::Sender<Option<Client>>,
    followed: Mutex<BTreeMap<AppName, Weak<Followed>>>,
}

/// What a host knows of one app's releases. A cheap handle; the app is followed while there is one.
#[derive(Clone, Debug)]
pub struct Feed {
    interest: Arc<Interest>,
}

/// What is known of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing, for this reason.
    Unknown(String),
    /// There is no such app, or it has no release.
    NoSuchApp,
    /// How its newest release stands.
    Known {
        /// Which containers are to run what.
        rollout: Arc<Rollout>,
        /// Whether ZooKeeper says so now; not if it comes from the disk, or there is no connection.
        is_current: bool,
    },
}

/// An app, with the task that follows it.
#[derive(Debug)]
struct Followed {
    app: Arc<App>,
    task: AbortHandle,
}

/// One of those who follow an app.
#[derive(Debug)]
struct Interest {
    followed: Arc<Followed>,
    number: u64,
}

// === impl Feeds ===

impl Feeds {
    /// Feeds without a session yet, which look at everything again each `compare_interval`.
    pub fn new(cache: Cache, compare_interval: Duration) -> Self {
        let shared = Shared {
            cache,
            compare_interval,
            session: watch::Sender::new(None),
            followed: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The session to read with; `None` when it is over.
    pub fn set_session(&self, client: Option<Client>) {
        self.shared.session.send_replace(client);
    }

    /// Follows an app, beginning with what the disk says of it.
    pub fn follow(&self, app: &AppName) -> Feed {
        let mut all = self.shared.followed.lock();
        let followed = match all.get(app).and_then(Weak::upgrade) {
            Some(followed) => followed,
            None => {
                all.retain(|_, followed| followed.strong_count() > 0);
                let followed = Arc::new(self.begin(app));
                all.insert(app.clone(), Arc::downgrade(&followed));
                followed
            }
        };
        let number = followed.app.enter();
        Feed {
            interest: Arc::new(Interest { followed, number }),
        }
    }

    fn begin(&self, app: &AppName) -> Followed {
        let Shared { cache, session, .. } = &*self.shared;
        let app = App::new(app.clone(), cache.clone(), session.subscribe());
        let app = Arc::new(app);
        let task = follower::run(app.clone(), self.shared.compare_interval);
        Followed {
            app,
            task: task::spawn(task).abort_handle(),
        }
    }
}

// === impl Feed ===

impl Feed {
    /// How the app's rollout stands.
    pub fn rollout(&self) -> watch::Receiver<Known> {
        self.app().known()
    }

    /// What a release consists of: from memory, the disk, or ZooKeeper. Each part is what its address
    /// says. Those who ask for the same at the same time have it fetched once. It does not wait for a
    /// connection.
    ///
    /// # Errors
    ///
    /// See [`FeedError`].
    pub async fn bundle(&self, release: u64) -> Result<Arc<Bundle>, FeedError> {
        let fetched = self.app().fetch(release).await?;
        Ok(fetched.bundle)
    }

    /// Keeps releases on disk, and how the rollout stands, for a start without ZooKeeper: those that
    /// containers of this host run. Replaces what this handle and its clones said before, until the
    /// last of them is dropped. What a new container gets is kept too.
    pub async fn keep(&self, releases: &BTreeSet<u64>) {
        self.app().keep(self.interest.number, releases).await;
    }

    fn app(&self) -> &App {
        &self.interest.followed.app
    }
}

// === impl Followed ===

impl Drop for Followed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

// === impl Interest ===

impl Drop for Interest {
    fn drop(&mut self) {
        self.followed.app.leave(self.number);
    }
}
