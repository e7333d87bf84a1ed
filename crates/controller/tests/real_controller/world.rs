//! A server, controllers, and an app whose containers run on hosts that the test plays.

use crate::{
    host::{Host, Nature},
    publisher::{Hands, Store},
    releases::Watched,
};
use dockeeper_config::rollout::{Members, first, members};
use dockeeper_controller::{Config, Controller, Publisher};
use dockeeper_model::{
    config::{AppName, Applied, Phase, Policy, Rollout},
    decode, encode, layout,
};
use dockeeper_testbed::{Endpoint, Proxy, Testbed, wait};
use dockeeper_zk_client::{self as zk, Client, CreateMode};
use std::time::Duration;
use tokio::task::JoinSet;

/// For what takes milliseconds, or a few seconds on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The shortest session that the testbed's servers grant.
pub(crate) const SHORT: Duration = Duration::from_secs(1);

/// The time, which stands still: nothing here is about limits.
pub(crate) fn now_ms() -> i64 {
    1_700_000_000_000
}

pub(crate) struct World {
    pub(crate) testbed: Testbed,
    pub(crate) observer: Client,
    pub(crate) app: AppName,
    pub(crate) hands: Hands,
    pub(crate) controllers: JoinSet<()>,
    pub(crate) hosts: Vec<Host>,
}

impl World {
    /// An app whose containers run release 1, four on each host.
    pub(crate) async fn start(hosts: usize) -> Self {
        let testbed = Testbed::builder()
            .hosts(0)
            .zookeepers(1)
            .start()
            .await
            .unwrap();
        let observer = connect(&testbed.zookeeper().connect_string(), LIMIT / 3).await;
        let mut world = Self {
            testbed,
            observer,
            app: "web".parse().unwrap(),
            hands: Hands::default(),
            controllers: JoinSet::new(),
            hosts: Vec::new(),
        };
        let applied = layout::applied(&world.app);
        world
            .observer
            .create_all(&applied, CreateMode::Persistent)
            .await
            .unwrap();
        let rollout = first(None, 1, Policy::default(), &Members::new(), now_ms());
        let path = layout::rollout(&world.app);
        let mode = CreateMode::Persistent;
        world
            .observer
            .create(&path, encode(&rollout), mode)
            .await
            .unwrap();
        for number in 0..hosts {
            let client = world.client().await;
            let host = Host::start(client, &world.app, number, 4).await;
            world.hosts.push(host);
        }
        world.reported(1, hosts * 4).await;
        world
    }

    pub(crate) async fn client(&self) -> Client {
        connect(&self.testbed.zookeeper().connect_string(), LIMIT / 3).await
    }

    /// Starts a controller.
    pub(crate) async fn controller(&mut self, name: &str) {
        let client = self.client().await;
        self.control(name, client);
    }

    /// Starts a controller that can be cut off, and waits until it leads.
    pub(crate) async fn leader(&mut self, name: &str) -> Proxy {
        let target = self.testbed.zookeeper().server(0).address();
        let proxy = self.testbed.proxy(Endpoint::Tcp(target)).await.unwrap();
        let client = connect(&proxy.endpoint().to_string(), SHORT).await;
        self.control(name, client);
        self.is_led_by(name).await;
        proxy
    }

    /// Starts a controller with the store of releases.
    pub(crate) async fn releases_controller(&mut self, name: &str) {
        let client = self.client().await;
        let publisher = Watched::new(name, self.hands.clone());
        self.control_with(name, client, publisher);
    }

    fn control(&mut self, name: &str, client: Client) {
        let publisher = Store::new(name, self.hands.clone());
        self.control_with(name, client, publisher);
    }

    fn control_with(&mut self, name: &str, client: Client, publisher: impl Publisher) {
        let config = Config {
            settle: Duration::from_millis(200),
            collect_interval: Duration::from_millis(50),
            ..Config::new(name.parse().unwrap(), name.to_owned(), now_ms)
        };
        let controller = Controller::new(config, publisher);
        self.controllers
            .spawn(async move { controller.run(&client).await });
    }

    /// Waits until a controller has begun its term.
    pub(crate) async fn is_led_by(&self, name: &str) {
        let what = format!("the term of {name}");
        wait::until(what, LIMIT, async || {
            let found = self.observer.get(layout::CONTROLLER_EPOCH).await;
            let (content, _) = found.map_err(|error| error.to_string())?;
            let text = String::from_utf8_lossy(&content).into_owned();
            match text.contains(&format!("\"node\":\"{name}\"")) {
                true => Ok(()),
                false => Err(text),
            }
        })
        .await
        .unwrap();
    }

    pub(crate) async fn rollout(&self) -> Rollout {
        let (content, _) = self
            .observer
            .get(&layout::rollout(&self.app))
            .await
            .unwrap();
        decode(&content).unwrap()
    }

    /// Publishes the next release, as the command line does.
    pub(crate) async fn publish(&self, policy: Policy) {
        let before = self.rollout().await;
        let release = before.release + 1;
        let rollout = first(
            Some(&before),
            release,
            policy,
            &self.members().await,
            now_ms(),
        );
        let path = layout::rollout(&self.app);
        self.observer
            .set(&path, encode(&rollout), None)
            .await
            .unwrap();
    }

    pub(crate) fn nature(&self, nature: &Nature) {
        for host in &self.hosts {
            host.nature.send_replace(nature.clone());
        }
    }

    /// Waits until the rollout is so.
    pub(crate) async fn until(&self, what: &str, is: impl Fn(&Rollout) -> bool) -> Rollout {
        wait::until(what, LIMIT, async || {
            let rollout = self.rollout().await;
            if is(&rollout) {
                Ok(rollout)
            } else {
                Err(format!("{rollout:?}"))
            }
        })
        .await
        .unwrap()
    }

    /// Waits until a release has reached everyone.
    pub(crate) async fn is_done(&self, release: u64) -> Rollout {
        let is_done =
            |rollout: &Rollout| (rollout.release, rollout.phase) == (release, Phase::Done);
        self.until(&format!("all with release {release}"), is_done)
            .await
    }

    /// Waits until so many containers run a release.
    pub(crate) async fn reported(&self, release: u64, containers: usize) {
        let what = format!("{containers} containers with release {release}");
        wait::until(what, LIMIT, async || {
            let members = self.members().await.into_values();
            let runs = members.filter(|member| {
                let ack = member.ack.as_ref().unwrap();
                ack.running == Some(release)
            });
            match runs.count() {
                count if count == containers => Ok(()),
                count => Err(format!("{count}")),
            }
        })
        .await
        .unwrap();
    }

    pub(crate) async fn members(&self) -> Members {
        let (nodes, _) = self
            .observer
            .list(&layout::applied(&self.app))
            .await
            .unwrap();
        let mut reports = Vec::new();
        for node in nodes {
            let node = node.parse().unwrap();
            let path = layout::applied_by(&self.app, &node);
            if let Ok((content, _)) = self.observer.get(&path).await {
                reports.push((node, decode::<Applied>(&content).unwrap()));
            }
        }
        members(reports)
    }

    pub(crate) async fn stop(mut self) {
        self.controllers.shutdown().await;
        self.hosts.clear();
        self.testbed.shutdown().await.unwrap();
    }
}

async fn connect(servers: &str, session_timeout: Duration) -> Client {
    let client = Client::connect(zk::Config {
        session_timeout,
        ..zk::Config::new(servers.parse().unwrap())
    });
    client.connected(LIMIT).await.unwrap();
    client
}
