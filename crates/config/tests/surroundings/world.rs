//! A keeper, and services as the test says.

use dockeeper_config::{
    host::{
        cache,
        feed::Feeds,
        surroundings::{Cluster, Config, Following, Surroundings, Teller},
    },
    secrets::Identity,
    template::{Asked, Leader, Node},
};
use dockeeper_keeper::server::{self, Keeper};
use dockeeper_model::{Instance, LockName, ServiceName, instance::WEIGHT_DEFAULT};
use dockeeper_zk_client::{self as zk, Client};
use futures_util::future::BoxFuture;
use std::{collections::BTreeSet, future::pending, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle};

const LIMIT: Duration = Duration::from_secs(20);

/// Services as the test says, and how often they were followed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fake {
    /// How many instances each service has; `None` while that has not been read.
    pub(crate) instances: watch::Sender<Option<usize>>,
    /// Each time that a service was followed.
    pub(crate) followed: watch::Sender<Vec<ServiceName>>,
    /// How many services are followed now.
    pub(crate) following: watch::Sender<usize>,
}

/// Counts one who follows.
struct Counted(watch::Sender<usize>);

/// A keeper, which may go away for ever.
pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) fake: Fake,
    pub(crate) node: watch::Sender<Option<Node>>,
    pub(crate) identity: Identity,
    serving: JoinHandle<()>,
    directory: TempDir,
}

// === impl Fake ===

impl Cluster for Fake {
    fn service(
        &self,
        _client: Client,
        service: ServiceName,
        told: Teller<Vec<Instance>>,
    ) -> BoxFuture<'static, ()> {
        self.followed.send_modify(|followed| followed.push(service));
        let counted = Counted::new(&self.following);
        let mut instances = self.instances.subscribe();
        Box::pin(async move {
            let _counted = counted;
            loop {
                let count = *instances.borrow_and_update();
                if let Some(count) = count {
                    told.known((0..count).map(instance).collect());
                }
                if instances.changed().await.is_err() {
                    return;
                }
            }
        })
    }

    fn leader(
        &self,
        _client: Client,
        _election: LockName,
        told: Teller<Option<Leader>>,
    ) -> BoxFuture<'static, ()> {
        told.refused("nobody may see who leads");
        Box::pin(pending())
    }
}

// === impl Counted ===

impl Counted {
    fn new(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

// === impl World ===

impl World {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = server::Config {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            ..server::Config::new(directory.path().join("data"))
        };
        let keeper = Keeper::open(config).await.unwrap();
        let address = keeper.handle().addresses()[0].to_string();
        let serving = tokio::spawn(async { keeper.run(pending()).await.unwrap() });
        let client = Client::connect(zk::Config::new(address.parse().unwrap()));
        client.connected(LIMIT).await.unwrap();
        Self {
            client,
            fake: Fake::default(),
            node: watch::Sender::new(None),
            identity: Identity::generate(),
            serving,
            directory,
        }
    }

    /// As a process of the agent has them that has just begun: without a session.
    pub(crate) fn surroundings(&self) -> (Surroundings, Feeds) {
        let feeds = cache::Cache::new(&self.directory.path().join("releases"));
        let feeds = Feeds::new(feeds, LIMIT);
        let surroundings = Surroundings::new(Config {
            cluster: Arc::new(self.fake.clone()),
            apps: Arc::new(feeds.clone()),
            identity: self.identity.clone(),
            node: self.node.subscribe(),
            cache: self.kept(),
        });
        (surroundings, feeds)
    }

    /// The same with a session.
    pub(crate) fn connected(&self) -> Surroundings {
        let (surroundings, feeds) = self.surroundings();
        surroundings.set_session(Some(self.client.clone()));
        feeds.set_session(Some(self.client.clone()));
        surroundings
    }

    /// Where answers are kept.
    pub(crate) fn kept(&self) -> PathBuf {
        self.directory.path().join("facts")
    }

    /// The server vanishes.
    pub(crate) async fn lose_server(&mut self) {
        self.serving.abort();
        let mut state = self.client.state();
        let lost = state.wait_for(|state| !matches!(state, zk::State::Connected(_)));
        drop(lost.await.unwrap());
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub(crate) fn orders() -> ServiceName {
    "orders".parse().unwrap()
}

pub(crate) fn asked_for_orders() -> Asked {
    Asked {
        services: BTreeSet::from([orders()]),
        ..Asked::default()
    }
}

/// How many instances templates see.
pub(crate) fn count(following: &Following) -> Result<usize, String> {
    let instances = following.facts(None).service(&orders());
    instances
        .map(|instances| instances.len())
        .map_err(|error| error.to_string())
}

fn instance(number: usize) -> Instance {
    Instance {
        service: orders(),
        id: format!("i{number}").parse().unwrap(),
        address: "10.0.0.1".to_owned(),
        port: Some(80),
        weight: WEIGHT_DEFAULT,
        registered_ms: 0,
        origin: None,
    }
}
