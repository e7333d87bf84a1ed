//! A ZooKeeper behind a proxy, and what is registered there.

use dockeeper_agent::surroundings::Registered;
use dockeeper_config::{
    host::surroundings::{Apps, Config, Surroundings, Teller},
    secrets::Identity,
};
use dockeeper_model::{
    Instance,
    config::{AppName, Key},
    instance::{Origin, Payload, WEIGHT_DEFAULT},
    layout,
};
use dockeeper_testbed::{Endpoint, Proxy, Testbed};
use dockeeper_zk_client::{self as zk, Client, CreateMode};
use futures_util::future::BoxFuture;
use std::{collections::BTreeMap, future::pending, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::sync::watch;

const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct World {
    pub(crate) testbed: Testbed,
    /// Between the host and ZooKeeper.
    pub(crate) proxy: Proxy,
    /// Of the host.
    pub(crate) client: Client,
    /// Of all others, without the proxy.
    pub(crate) others: Client,
    pub(crate) surroundings: Surroundings,
    _directory: TempDir,
}

/// Apps are somebody else's matter.
struct NoApps;

// === impl World ===

impl World {
    pub(crate) async fn start() -> Self {
        let builder = Testbed::builder().hosts(0).zookeepers(1);
        let testbed = builder.start().await.unwrap();
        let server = testbed.zookeeper().server(0).address();
        let proxy = testbed.proxy(Endpoint::Tcp(server)).await.unwrap();
        let client = connect(&proxy.endpoint().to_string()).await;
        let others = connect(&server.to_string()).await;
        let directory = tempfile::tempdir().unwrap();
        let surroundings = Surroundings::new(Config {
            cluster: Arc::new(Registered),
            apps: Arc::new(NoApps),
            identity: Identity::generate(),
            node: watch::Sender::new(None).subscribe(),
            cache: directory.path().join("facts"),
        });
        surroundings.set_session(Some(client.clone()));
        Self {
            testbed,
            proxy,
            client,
            others,
            surroundings,
            _directory: directory,
        }
    }

    /// Writes a record as agents do.
    pub(crate) async fn put(&self, path: &str, content: Vec<u8>) {
        let mode = CreateMode::Ephemeral;
        let parent = path.rsplit_once('/').unwrap().0;
        self.others
            .create_all(parent, CreateMode::Persistent)
            .await
            .unwrap();
        self.others.create(path, content, mode).await.unwrap();
    }

    pub(crate) async fn register(&self, instance: &Instance) {
        let path = layout::instance(&instance.service, &instance.id);
        self.put(&path, instance.encode(Payload::None)).await;
    }
}

impl Apps for NoApps {
    fn follow(
        &self,
        _app: AppName,
        _told: Teller<Option<BTreeMap<Key, String>>>,
    ) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

pub(crate) async fn connect(servers: &str) -> Client {
    let client = Client::connect(zk::Config::new(servers.parse().unwrap()));
    client.connected(LIMIT).await.unwrap();
    client
}

/// An instance of the service `web`.
pub(crate) fn instance(number: u16) -> Instance {
    Instance {
        service: "web".parse().unwrap(),
        id: format!("h1:web-{number}:80").parse().unwrap(),
        address: "10.0.0.1".to_owned(),
        port: Some(8000 + number),
        weight: WEIGHT_DEFAULT,
        registered_ms: 1,
        origin: Some(Origin {
            node: "h1".to_owned(),
            container_name: format!("web-{number}"),
            ..Origin::default()
        }),
    }
}
