//! A ZooKeeper behind a proxy, and a host's feeds.

use crate::scenarios::app;
use dockeeper_config::{
    bundle::Bundle,
    host::{
        cache::Cache,
        feed::{Feed, FeedError, Feeds, Known},
    },
    store::Store,
};
use dockeeper_testbed::{Endpoint, Proxy, Testbed};
use dockeeper_zk_client::{Client, Config};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::time::timeout;

/// For what takes milliseconds, or a few seconds on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct World {
    pub(crate) testbed: Testbed,
    pub(crate) proxy: Proxy,
    /// Past the proxy.
    pub(crate) client: Client,
    pub(crate) store: Store,
    folder: TempDir,
}

impl World {
    pub(crate) async fn start() -> Self {
        let builder = Testbed::builder().hosts(0).zookeepers(1);
        let testbed = builder.start().await.unwrap();
        let server = testbed.zookeeper().server(0).address();
        let proxy = testbed.proxy(Endpoint::Tcp(server)).await.unwrap();
        let client = connect(&server.to_string());
        client.connected(LIMIT).await.unwrap();
        Self {
            testbed,
            proxy,
            store: Store::new(&client),
            client,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// An agent's feeds, as it starts: without a session.
    pub(crate) fn feeds(&self) -> Feeds {
        // Nothing here may need the comparison.
        Feeds::new(Cache::new(&self.cache()), Duration::from_secs(3600))
    }

    /// A session through the proxy.
    pub(crate) fn session(&self) -> Client {
        connect(&self.proxy.endpoint().to_string())
    }

    /// A session of its own past the proxy, which delays what comes in small pieces.
    pub(crate) fn direct(&self) -> Client {
        connect(&self.testbed.zookeeper().connect_string())
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// The files in which releases are kept.
    pub(crate) fn contents(&self) -> Vec<PathBuf> {
        let folder = self.cache().join("apps").join(app().as_str());
        let entries = std::fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| !path.ends_with("index")).collect()
    }

    pub(crate) async fn stop(self) {
        self.testbed.shutdown().await.unwrap();
    }
}

fn connect(servers: &str) -> Client {
    Client::connect(Config::new(servers.parse().unwrap()))
}

/// Waits until it is known so.
pub(crate) async fn until(feed: &Feed, is: impl Fn(&Known) -> bool) -> Known {
    let mut known = feed.rollout();
    let found = timeout(LIMIT, known.wait_for(is)).await;
    let found = found.unwrap_or_else(|_| panic!("{:?}", *feed.rollout().borrow()));
    found.unwrap().clone()
}

/// Waits until ZooKeeper says that this is the newest release.
pub(crate) async fn current(feed: &Feed, release: u64) {
    until(feed, |known| is_known(known, release, true)).await;
}

pub(crate) fn is_known(known: &Known, release: u64, is_current_now: bool) -> bool {
    matches!(known, Known::Known { rollout, is_current }
        if rollout.release == release && *is_current == is_current_now)
}

/// The value that releases here differ by.
pub(crate) fn value(bundle: &Result<Arc<Bundle>, FeedError>) -> &str {
    let bundle = bundle.as_ref().unwrap();
    &bundle.keys[&"N".parse().unwrap()]
}
