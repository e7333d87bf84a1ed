//! One controller at a time.

use crate::{
    host::Host,
    world::{LIMIT, World, now_ms},
};
use dockeeper_config::rollout::{Order, order};
use dockeeper_controller::Fence;
use dockeeper_model::{
    config::{Admitted, Phase, Policy, Rollout},
    encode, layout,
};
use dockeeper_zk_client::{ErrorCode, Multi};
use tokio::time::timeout;

impl World {
    /// The fence of a controller's term, once it works.
    pub(crate) async fn fence(&self, name: &str) -> Fence {
        let mut collected = self.hands.collected.subscribe();
        let is_by = |by: &Option<(String, Fence)>| by.as_ref().is_some_and(|(by, _)| by == name);
        let by = timeout(LIMIT, collected.wait_for(is_by))
            .await
            .unwrap()
            .unwrap()
            .clone();
        by.unwrap().1
    }

    /// A person approves the next stage. Returns the rollout as it was.
    async fn approve(&self) -> Rollout {
        let rollout = self.rollout().await;
        let next = order(&rollout, Order::Approve, "ann", now_ms()).unwrap();
        let path = layout::rollout(&self.app);
        self.observer.set(&path, encode(&next), None).await.unwrap();
        rollout
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_one_goes_on_where_the_first_one_stood() {
    let mut world = World::start(2).await;
    let first = world.leader("a").await;
    world.controller("b").await;
    let policy = Policy {
        approval: true,
        ..Policy::default()
    };
    world.publish(policy).await;
    let is_awaiting = |rollout: &Rollout| rollout.phase == Phase::AwaitingApproval;
    let canary = world
        .until("the first stage's end", is_awaiting)
        .await
        .admitted;

    first.block();
    world.is_led_by("b").await;
    let rollout = world.approve().await;
    assert_eq!((rollout.stage, &rollout.admitted), (1, &canary));
    let is_second = |rollout: &Rollout| is_awaiting(rollout) && rollout.stage == 2;
    let rollout = world.until("the second stage's end", is_second).await;
    let Admitted::These(names) = canary else {
        panic!("{canary:?}");
    };
    assert!(names.iter().all(|name| rollout.admitted.has(name)));
    world.approve().await;
    world.is_done(2).await;
    world.reported(2, 8).await;

    // The first one learns that its session is over.
    first.unblock();
    let ended = timeout(LIMIT, world.controllers.join_next()).await;
    ended.unwrap().unwrap().unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deposed_leader_writes_is_refused() {
    let mut world = World::start(0).await;
    let first = world.leader("a").await;
    let fence = world.fence("a").await;
    let path = layout::applied(&world.app);
    let write = || fence.guard(Multi::new().set(&path, "late", None));
    world.observer.multi(write()).await.unwrap();

    world.controller("b").await;
    first.block();
    world.is_led_by("b").await;
    let error = world.observer.multi(write()).await.unwrap_err();
    assert!(
        error.is(ErrorCode::BadVersion) && fence.has_fallen(&error),
        "{error}"
    );
    let later = world.fence("b").await;
    assert_ne!(later, fence);

    // A leader whose fence falls under its hands notices, and stands again.
    world
        .observer
        .set(layout::CONTROLLER_EPOCH, "", None)
        .await
        .unwrap();
    world
        .hosts
        .push(Host::start(world.client().await, &world.app, 0, 4).await);
    world.reported(1, 4).await;
    world.publish(Policy::default()).await;
    world.is_done(2).await;
    world.is_led_by("b").await;
    world.stop().await;
}
