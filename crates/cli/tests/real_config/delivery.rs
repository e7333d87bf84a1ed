//! How releases reach containers.

use crate::world::World;
use dockeeper_model::config::Step;

const TOLD: &str = "dockeeper.config.web.on-change=signal:SIGHUP";
const CHECKED: &str =
    "dockeeper.config.web.check=exec:grep -v bad \"$DOCKEEPER_CONFIG_DIR/app.conf\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_release_reaches_a_running_container_which_is_told() {
    let world = World::start().await;
    world.publish(&[("app.conf", "1")]).await;
    world.run("web-1", &[TOLD, CHECKED]).await;
    assert_eq!(world.shell("web-1", "cat /etc/web/app.conf").await, "1");
    world.until_ack("web-1", 1, Step::Healthy).await;
    // It was started with it, and is told nothing.
    world
        .until_says("web-1", "test -e /tmp/seen; echo $?", "1")
        .await;

    world.publish(&[("app.conf", "2")]).await;
    world.until_says("web-1", "cat /tmp/seen", "2").await;
    let ack = world.until_ack("web-1", 2, Step::Healthy).await;
    assert_eq!(ack.running, Some(2));

    world.publish(&[("app.conf", "bad")]).await;
    let ack = world.until_ack("web-1", 3, Step::Failed).await;
    assert_eq!(ack.running, Some(2));
    assert!(ack.reason.contains("its check: "), "{ack:?}");
    assert_eq!(world.shell("web-1", "cat /etc/web/app.conf").await, "2");

    world.publish(&[("app.conf", "4")]).await;
    world.until_says("web-1", "cat /tmp/seen", "4").await;
    world.until_ack("web-1", 4, Step::Healthy).await;
    let host = world.host();
    host.docker(&["rm", "--force", "web-1"]).await.unwrap();
    world.until_forgotten("web-1").await;
    host.docker(&["volume", "rm", "web"]).await.unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_ends_of_a_change_has_failed_and_who_is_restarted_has_it() {
    let world = World::start().await;
    world.publish(&[("app.conf", "1")]).await;
    let script = "trap 'exit 3' HUP; while :; do sleep 0.05; done";
    let frail = world.try_run_script("frail", &[TOLD], script);
    frail.await.unwrap();
    let restart = "dockeeper.config.web.on-change=restart";
    let script = "cat /etc/web/app.conf > /tmp/seen; trap exit TERM; while :; do sleep 0.05; done";
    let labels = [restart];
    let robust = world.try_run_script("robust", &labels, script);
    robust.await.unwrap();
    let recreate = "dockeeper.config.web.on-change=recreate";
    world.run("replaced", &[recreate]).await;
    for container in ["frail", "robust"] {
        world.until_ack(container, 1, Step::Healthy).await;
    }
    let ack = world.until_ack("replaced", 1, Step::Failed).await;
    assert!(ack.reason.contains("use restart"), "{ack:?}");

    world.publish(&[("app.conf", "2")]).await;
    world.until_says("robust", "cat /tmp/seen", "2").await;
    world.until_ack("robust", 2, Step::Healthy).await;
    let ack = world.until_ack("frail", 2, Step::Failed).await;
    assert!(ack.reason.contains("exit code"), "{ack:?}");
    assert!(ack.reason.contains('3'), "{ack:?}");
    world.until_forgotten("frail").await;
    assert_eq!(world.shell("replaced", "cat /etc/web/app.conf").await, "1");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_health_check_is_asked_after_the_change() {
    let world = World::start().await;
    world.publish(&[("app.conf", "well")]).await;
    let mut arguments = vec!["run", "--detach", "--name", "web-1", "--network", "none"];
    arguments.extend(["--health-cmd", "grep well /etc/web/app.conf"]);
    arguments.extend(["--health-interval", "1h", "--health-retries", "1"]);
    arguments.extend(["--volume-driver", "dockeeper"]);
    arguments.extend(["--volume", "web:/etc/web:ro"]);
    arguments.extend([dockeeper_testbed::IMAGE, "sleep", "9999"]);
    world.host().docker(&arguments).await.unwrap();
    world.until_ack("web-1", 1, Step::Healthy).await;
    world.publish(&[("app.conf", "ill")]).await;
    let ack = world.until_ack("web-1", 2, Step::Failed).await;
    assert!(ack.reason.contains("health check"), "{ack:?}");
    assert_eq!(ack.running, Some(2));
    world.publish(&[("app.conf", "well again")]).await;
    world.until_ack("web-1", 3, Step::Healthy).await;
    world.stop().await;
}
