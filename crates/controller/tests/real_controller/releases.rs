//! With the store of releases.

use crate::{
    host::Nature,
    publisher::Hands,
    world::{LIMIT, World, now_ms},
};
use dockeeper_config::{
    rollout::{everyone, first},
    store::{Edit, Publication, Published, Store},
};
use dockeeper_controller::{Fence, PublishError, Publisher, Releases, Rollback};
use dockeeper_model::{
    config::{App, Kind, Policy, Release, Retention},
    layout,
};
use dockeeper_testbed::wait;
use dockeeper_zk_client::Client;
use std::sync::atomic::Ordering;

/// The store, looked over the shoulder.
pub(crate) struct Watched {
    name: String,
    hands: Hands,
    releases: Releases,
}

// === impl Watched ===

impl Watched {
    pub(crate) fn new(name: &str, hands: Hands) -> Self {
        Self {
            name: name.to_owned(),
            hands,
            releases: Releases::new(&name.parse().unwrap(), now_ms),
        }
    }
}

impl Publisher for Watched {
    async fn roll_back(
        &self,
        client: &Client,
        fence: Fence,
        rollback: Rollback<'_>,
    ) -> Result<u64, PublishError> {
        self.hands.rollbacks.fetch_add(1, Ordering::Relaxed);
        self.releases.roll_back(client, fence, rollback).await
    }

    async fn collect(&self, client: &Client, fence: Fence) -> Result<(), PublishError> {
        self.releases.collect(client, fence).await?;
        let collected = Some((self.name.clone(), fence));
        self.hands.collected.send_replace(collected);
        Ok(())
    }
}

// === impl World ===

impl World {
    fn store(&self) -> Store {
        Store::new(&self.observer)
    }

    /// Makes a release, as the command line does.
    async fn release(&self, value: &str, policy: Option<Policy>) -> Release {
        let values = [("N".parse().unwrap(), Some(value.to_owned()))];
        let publication = Publication {
            edit: Edit::Set(values.into()),
            by: "ann@ws".to_owned(),
            message: String::new(),
            now_ms: now_ms(),
            expect: None,
        };
        let members = self.members().await;
        let store = self.store();
        let published = store.publish(&self.app, &publication, |beginning| {
            let release = beginning.release.release;
            match &policy {
                None => everyone(beginning.before, release, "", now_ms()),
                Some(policy) => first(
                    beginning.before,
                    release,
                    policy.clone(),
                    &members,
                    now_ms(),
                ),
            }
        });
        match published.await.unwrap() {
            Published::New(release) => release,
            Published::Unchanged(release) => panic!("the same as {release:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_container_leads_back_to_a_release_of_the_content_before() {
    let mut world = World::start(2).await;
    let good = world.release("1", None).await;
    world.nature(&Nature::IllWith(2, "nginx: [emerg] invalid port"));
    world.releases_controller("a").await;
    world.release("2", Some(Policy::default())).await;
    let rollout = world.is_done(3).await;
    assert_eq!(
        rollout.failures[0].reason, "nginx: [emerg] invalid port",
        "{rollout:?}"
    );
    world.reported(3, 8).await;

    let head = world.store().head(&world.app).await.unwrap().unwrap();
    assert_eq!(
        (head.release, head.kind, head.of, head.manifest),
        (3, Kind::AutoRollback, Some(1), good.manifest)
    );
    assert_eq!(
        (head.by.as_str(), &head.message),
        ("controller@a", &rollout.reason)
    );
    assert_eq!(world.hands.rollbacks.load(Ordering::Relaxed), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leads_no_longer_or_was_overtaken_publishes_and_removes_nothing() {
    let mut world = World::start(0).await;
    for value in ["1", "2", "3"] {
        world.release(value, None).await;
    }
    world.releases_controller("a").await;
    let fence = world.fence("a").await;
    let releases = Releases::new(&"a".parse().unwrap(), now_ms);
    let path = layout::rollout(&world.app);
    let failed = world.rollout().await;
    let version = world.observer.exists(&path).await.unwrap().unwrap().version;
    let rollback = |version| Rollback {
        app: &world.app,
        to: 2,
        failed: &failed,
        version,
    };
    let late = releases.roll_back(&world.observer, fence, rollback(version - 1));
    assert_eq!(late.await, Err(PublishError::Superseded));
    let mut gone = rollback(version);
    gone.to = 99;
    let gone = releases.roll_back(&world.observer, fence, gone).await;
    assert!(matches!(gone, Err(PublishError::Final(_))), "{gone:?}");

    // Another leads.
    world.controllers.shutdown().await;
    world
        .observer
        .set(layout::CONTROLLER_EPOCH, "", None)
        .await
        .unwrap();
    let settings = App {
        policy: None,
        retention: Retention {
            releases: 1,
            age_ms: 0,
        },
    };
    let store = world.store();
    store.set_app(&world.app, &settings, None).await.unwrap();
    let deposed = releases.roll_back(&world.observer, fence, rollback(version));
    assert_eq!(deposed.await, Err(PublishError::Deposed));
    let deposed = releases.collect(&world.observer, fence).await;
    assert_eq!(deposed, Err(PublishError::Deposed));
    let history = store.history(&world.app, 10).await.unwrap();
    assert_eq!(history.len(), 3, "{history:?}");

    // And does what the other could not.
    world.releases_controller("b").await;
    wait::until("two releases", LIMIT, async || {
        let history = store.history(&world.app, 10).await.unwrap();
        let numbers: Vec<_> = history.iter().map(|release| release.release).collect();
        match numbers[..] {
            [3, 2] => Ok(()),
            _ => Err(format!("{numbers:?}")),
        }
    })
    .await
    .unwrap();
    world.stop().await;
}
