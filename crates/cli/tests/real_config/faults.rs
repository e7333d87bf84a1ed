//! What an agent's end and the loss of ZooKeeper change, and what they do not.

use crate::world::World;
use dockeeper_model::config::Step;
use std::time::Duration;
use tokio::time::Instant;

const TOLD: &str = "dockeeper.config.web.on-change=signal:SIGHUP";

/// Docker itself waits for two minutes.
const START_LIMIT: Duration = Duration::from_secs(45);

#[tokio::test(flavor = "multi_thread")]
async fn the_next_agent_goes_on_where_the_last_was_killed() {
    let mut world = World::start().await;
    world.publish(&[("app.conf", "1")]).await;
    world.run("web-1", &[TOLD]).await;
    let before = world.until_ack("web-1", 1, Step::Healthy).await;
    world.kill_agent().await;
    assert_eq!(world.ack("web-1").await, Some(before));
    world.start_agent();
    world.is_up().await;
    // Nobody is told again of what is known.
    world.publish(&[("app.conf", "2")]).await;
    world.until_says("web-1", "cat /tmp/seen", "2").await;
    world.until_ack("web-1", 2, Step::Healthy).await;

    world.kill_agent().await;
    world.publish(&[("app.conf", "3")]).await;
    assert_eq!(world.shell("web-1", "cat /etc/web/app.conf").await, "2");
    world.start_agent();
    world.until_says("web-1", "cat /tmp/seen", "3").await;
    world.until_ack("web-1", 3, Step::Healthy).await;

    // A container that ends while no agent is there leaves nothing behind.
    world.kill_agent().await;
    let host = world.host();
    host.docker(&["kill", "web-1"]).await.unwrap();
    world.start_agent();
    world.until_forgotten("web-1").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_starts_from_the_disk_while_zookeeper_is_away() {
    let world = World::start().await;
    world.publish(&[("app.conf", "1")]).await;
    world.run("web-1", &[]).await;
    world.until_ack("web-1", 1, Step::Healthy).await;
    let zookeeper = world.testbed.zookeeper();
    zookeeper.stop_all().await.unwrap();
    world.run("web-2", &[]).await;
    for container in ["web-1", "web-2"] {
        assert_eq!(world.shell(container, "cat /etc/web/app.conf").await, "1");
    }
    // Of another app nothing is known here.
    let begun = Instant::now();
    let mut arguments = vec!["run", "--rm", "--network", "none"];
    arguments.extend(["--volume-driver", "dockeeper", "--volume", "shop:/etc/shop"]);
    arguments.extend([dockeeper_testbed::IMAGE, "true"]);
    let refused = world.host().docker(&arguments).await.unwrap_err();
    let why = refused.to_string();
    assert!(why.contains("configuration of app shop"), "{why}");
    assert!(begun.elapsed() < START_LIMIT, "{:?}", begun.elapsed());

    zookeeper.start_all().await.unwrap();
    world.publish(&[("app.conf", "2")]).await;
    for container in ["web-1", "web-2"] {
        world
            .until_says(container, "cat /etc/web/app.conf", "2")
            .await;
        world.until_ack(container, 2, Step::Healthy).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_there_is_not_is_said_at_once() {
    let world = World::start().await;
    let why = world.try_run("web-1", &[]).await.unwrap_err();
    assert!(why.contains("there is no app web"), "{why}");
    world.publish(&[("app.conf", "1")]).await;
    world.run("web-2", &[]).await;
    world.stop().await;
}
