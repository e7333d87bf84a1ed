//! What the engine tells by itself.

use std::sync::Arc;
use std::time::Duration;

use dockeeper_engine::container::{Health, State};
use dockeeper_engine::watch::{Change, Changes, Config, Link, Reason};
use dockeeper_engine::{Action, ContainerId, Engine, Error, Scope, watch};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::{LIMIT, connect, inspect, run, start};

/// The events of one container, until one that is `last`.
async fn until(changes: &mut Changes, id: ContainerId, last: &Action) -> Vec<Action> {
    let mut actions = Vec::new();
    while actions.last() != Some(last) {
        match timeout(LIMIT, changes.next()).await {
            Ok(Some(Change::Event(event))) if event.id == id => actions.push(event.action),
            Ok(Some(_)) => {}
            _ => panic!("no {last:?} behind {actions:?}"),
        }
    }
    actions
}

async fn resync(changes: &mut Changes) -> Reason {
    loop {
        match timeout(LIMIT, changes.next()).await.unwrap().unwrap() {
            Change::Resync { reason } => return reason,
            Change::Event(_) => {}
        }
    }
}

#[tokio::test]
async fn a_life_is_told_in_order() {
    let (testbed, engine) = start().await;
    let host = testbed.host(0);
    let (mut changes, _status) = watch(Arc::new(engine.clone()), &Config::default());
    assert_eq!(resync(&mut changes).await, Reason::Start);
    let id = run(host, &["--name", "web"]).await;
    let steps: [&[&str]; 7] = [
        &["kill", "--signal", "WINCH", "web"],
        &["pause", "web"],
        &["unpause", "web"],
        &["rename", "web", "shop"],
        &["update", "--memory", "64m", "--memory-swap", "64m", "shop"],
        &["stop", "--time", "5", "shop"],
        &["rm", "shop"],
    ];
    for step in steps {
        host.docker(step).await.unwrap();
    }
    let mut actions = until(&mut changes, id, &Action::Destroy).await;
    for action in &mut actions {
        if let Action::NetworkConnect { network } | Action::NetworkDisconnect { network } = action {
            network.clear();
        }
    }
    let network = String::new;
    let expected = [
        Action::Create,
        Action::NetworkConnect { network: network() },
        Action::Start,
        Action::Kill { signal: Some(28) },
        Action::Pause,
        Action::Unpause,
        Action::Rename {
            from: "web".to_owned(),
            to: "shop".to_owned(),
        },
        Action::Update,
        Action::Kill { signal: Some(15) },
        Action::Die { exit_code: 143 },
        Action::NetworkDisconnect { network: network() },
        Action::Stop,
        Action::Destroy,
    ];
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn volumes_are_told_before_the_start_and_after_the_end() {
    let (testbed, engine) = start().await;
    let host = testbed.host(0);
    let (mut changes, _status) = watch(Arc::new(engine.clone()), &Config::default());
    resync(&mut changes).await;
    let id = run(host, &["--name", "web", "--volume", "data:/data"]).await;
    host.docker(&["stop", "--time", "5", "web"]).await.unwrap();
    let actions = until(&mut changes, id, &Action::Stop).await;
    let (volume, driver) = ("data".to_owned(), "local".to_owned());
    let at = |action: &Action| actions.iter().position(|other| other == action).unwrap();
    let mounted = Action::VolumeMount {
        volume: volume.clone(),
        driver: driver.clone(),
    };
    assert!(at(&mounted) < at(&Action::Start), "{actions:?}");
    let died = actions
        .iter()
        .position(|action| matches!(action, Action::Die { .. }));
    assert!(
        died.unwrap() < at(&Action::VolumeUnmount { volume, driver }),
        "{actions:?}"
    );
}

#[tokio::test]
async fn health_is_told_and_its_probes_are_not() {
    let (testbed, engine) = start().await;
    let host = testbed.host(0);
    let (mut changes, _status) = watch(Arc::new(engine.clone()), &Config::default());
    resync(&mut changes).await;
    let probe = "test -e /ok && echo fine";
    let options = [
        "--name",
        "web",
        "--health-cmd",
        probe,
        "--health-interval",
        "200ms",
    ];
    let id = run(host, &[&options[..], &["--health-retries", "1"]].concat()).await;
    until(&mut changes, id, &Action::HealthStatus(Health::Unhealthy)).await;
    assert_eq!(inspect(&engine, id).await.health, Health::Unhealthy);
    host.docker(&["exec", "web", "touch", "/ok"]).await.unwrap();
    let healthy = Action::HealthStatus(Health::Healthy);
    assert_eq!(until(&mut changes, id, &healthy).await, [healthy]);
    let container = inspect(&engine, id).await;
    assert_eq!(
        (container.health, container.health_output.as_str()),
        (Health::Healthy, "fine\n")
    );
}

#[tokio::test]
async fn a_restarted_engine_means_a_resync_and_no_loss() {
    let (testbed, engine) = start().await;
    let host = testbed.host(0);
    let (mut changes, status) = watch(Arc::new(engine.clone()), &Config::default());
    resync(&mut changes).await;
    let before = run(host, &["--name", "before"]).await;
    until(&mut changes, before, &Action::Start).await;

    // The stream has to be polled for the loss to be noticed while the engine is away.
    let (reason, restarted) = tokio::join!(resync(&mut changes), host.restart_docker());
    restarted.unwrap();
    assert!(
        matches!(reason, Reason::Closed | Reason::Failed(_)),
        "{reason}"
    );
    assert_eq!(status.borrow().losses, 1);
    assert_eq!(engine.list(Scope::All).await.unwrap(), [before]);
    assert_eq!(inspect(&engine, before).await.state, State::Exited);

    let after = run(host, &["--name", "after"]).await;
    let actions = until(&mut changes, after, &Action::Start).await;
    assert_eq!(actions.first(), Some(&Action::Create));
}

#[tokio::test]
async fn a_frozen_engine_is_noticed() {
    let (testbed, _) = start().await;
    let host = testbed.host(0);
    let engine = connect(host, Duration::from_secs(1));
    let config = Config {
        ping_interval: Duration::from_millis(500),
        ..Config::default()
    };
    let (mut changes, mut status) = watch(Arc::new(engine), &config);
    resync(&mut changes).await;
    host.freeze().await.unwrap();
    let thaw = async {
        let down = timeout(LIMIT, status.wait_for(|status| status.link == Link::Down)).await;
        let error = down.unwrap().unwrap().last_error.clone();
        host.thaw().await.unwrap();
        error
    };
    let (reason, error) = tokio::join!(resync(&mut changes), thaw);
    assert!(
        matches!(reason, Reason::Failed(Error::Timeout { .. })),
        "{reason}"
    );
    assert!(
        error
            .unwrap()
            .to_string()
            .contains("did not answer a ping within 1s")
    );
    assert_eq!(status.borrow().link, Link::Up);
}
