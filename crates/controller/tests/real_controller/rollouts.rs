//! From the first container to the last, or back.

use crate::{host::Nature, world::World};
use dockeeper_model::config::{Phase, Policy, Rollout, Stage};
use std::sync::atomic::Ordering;

#[tokio::test(flavor = "multi_thread")]
async fn a_release_goes_from_stage_to_stage_until_all_have_it() {
    let mut world = World::start(3).await;
    world.controller("a").await;
    world.publish(Policy::default()).await;
    let rollout = world.is_done(2).await;
    assert_eq!((rollout.stage, rollout.stable), (3, Some(1)));
    world.reported(2, 12).await;

    // By labels, a few at a time.
    let labels = Stage::Label("canary".to_owned());
    let policy = Policy {
        stages: vec![labels, Stage::Percent(100)],
        max_parallel: Some(2),
        ..Policy::default()
    };
    world.nature(&Nature::Silent(3));
    world.publish(policy).await;
    let first = world
        .until("two of the canaries", |rollout| !rollout.pending.is_empty())
        .await;
    let names: Vec<_> = first.pending.values().flatten().collect();
    assert_eq!(names.len(), 2);
    assert!(
        names.iter().all(|name| name.as_str().ends_with("000000")),
        "{names:?}"
    );
    world.nature(&Nature::Well);
    world.is_done(3).await;
    world.reported(3, 12).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_falls_ill_leads_back() {
    let mut world = World::start(2).await;
    world.controller("a").await;
    world.nature(&Nature::IllWith(2, "nginx: [emerg] invalid port"));
    world.publish(Policy::default()).await;
    let back = world.is_done(3).await;
    assert_eq!(back.stable, Some(1));
    let failures = back.failures.as_slice();
    assert!(
        failures.len() == 1 && failures[0].name.starts_with("web-"),
        "{back:?}"
    );
    assert_eq!(failures[0].reason, "nginx: [emerg] invalid port");
    assert!(back.reason.contains(&failures[0].name), "{}", back.reason);
    world.reported(3, 8).await;
    assert_eq!(world.hands.rollbacks.load(Ordering::Relaxed), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_that_fails_is_not_tried_again_and_says_so() {
    let mut world = World::start(1).await;
    world.hands.refuses.store(true, Ordering::Relaxed);
    world.nature(&Nature::IllWith(2, "ill"));
    let first = world.leader("a").await;
    world.publish(Policy::default()).await;
    let stuck = world
        .until("a way back that failed", |rollout| rollout.is_stuck)
        .await;
    assert_eq!(stuck.phase, Phase::Failing);
    let reason = &stuck.reason;
    assert!(
        reason.ends_with("the way back failed: its blobs are not there"),
        "{reason}"
    );

    // Not by the next controller either, which sees all that the first one saw.
    world.controller("b").await;
    first.block();
    world.is_led_by("b").await;
    world.publish(Policy::default()).await;
    world.is_done(3).await;
    assert_eq!(world.hands.rollbacks.load(Ordering::Relaxed), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_dies_holds_nothing_up() {
    let mut world = World::start(3).await;
    world.controller("a").await;
    world.nature(&Nature::Silent(2));
    world.publish(Policy::default()).await;
    let rollout = world.rollout().await;
    let canary = rollout.pending.values().flatten().next().unwrap();
    let host = usize::from_str_radix(&canary.as_str()[..6], 16).unwrap();
    world.hosts.remove(host).die().await;
    let is_another =
        |rollout: &Rollout| rollout.pending.values().any(|wave| !wave.contains(canary));
    world.until("another canary", is_another).await;
    world.nature(&Nature::Well);
    world.is_done(2).await;
    world.reported(2, 8).await;
    world.stop().await;
}
