//! What the engine is asked.

use std::time::Duration;

use dockeeper_engine::container::{Protocol, State};
use dockeeper_engine::{Action, ContainerId, Engine, Error, Event, Exec, Scope, Since};
use dockeeper_testbed::wait;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout};

use super::{LIMIT, inspect, run, start};

#[tokio::test]
async fn the_engine_and_its_host() {
    let (_testbed, engine) = start().await;
    engine.ping().await.unwrap();
    let version = engine.version().await.unwrap();
    assert_eq!(version.os, "linux");
    assert!(version.api.starts_with("1."), "{version:?}");
    let info = engine.info().await.unwrap();
    assert!(
        info.cpus > 0 && info.memory_bytes > 1 << 20 && !info.name.is_empty(),
        "{info:?}"
    );
    assert_eq!(info.containers, 0);
}

#[tokio::test]
async fn containers_are_listed_and_inspected() {
    let (testbed, engine) = start().await;
    let host = testbed.host(0);
    let options = [
        "--name",
        "web",
        "--publish",
        "18080:80",
        "--env",
        "A=b",
        "--label",
        "l=v",
    ];
    let web = run(host, &options).await;
    let db = run(host, &["--name", "db"]).await;
    host.docker(&["stop", "--time", "1", "db"]).await.unwrap();

    let mut both = vec![web, db];
    both.sort_unstable();
    assert_eq!(engine.list(Scope::All).await.unwrap(), both);
    assert_eq!(engine.list(Scope::Running).await.unwrap(), [web]);
    let container = inspect(&engine, web).await;
    assert_eq!((container.id, container.name.as_str()), (web, "web"));
    assert_eq!(
        (container.state, container.env.get("A")),
        (State::Running, Some("b"))
    );
    assert_eq!(container.labels["l"], "v");
    assert!(container.networks["bridge"].ipv4.is_some());
    let port = &container.ports[0];
    assert_eq!((port.container_port, port.protocol), (80, Protocol::Tcp));
    assert!(
        port.bindings
            .iter()
            .all(|binding| binding.host_port == 18080)
    );
    assert_eq!(inspect(&engine, db).await.state, State::Exited);
    assert_eq!(
        engine
            .inspect(&ContainerId::from_bytes([1; 32]))
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_container_and_its_volumes_outlive_a_restart() {
    let (testbed, engine) = start().await;
    let host = testbed.host(0);
    let options = [
        "--name",
        "web",
        "--volume",
        "data:/data:ro",
        "--label",
        "l=v",
    ];
    let id = run(host, &options).await;
    let before = inspect(&engine, id).await;
    let command = std::fs::read_to_string(format!("/proc/{}/cgroup", before.pid)).unwrap();
    assert!(command.contains(&id.to_string()), "{command}");
    engine.restart(&id, Duration::from_secs(5)).await.unwrap();
    let after = inspect(&engine, id).await;
    assert_ne!(
        (after.pid, after.started_at_ms),
        (before.pid, before.started_at_ms)
    );
    host.docker(&["stop", "--time", "5", "web"]).await.unwrap();
    assert_eq!(inspect(&engine, id).await.pid, 0);

    let summaries = engine.summaries().await.unwrap();
    let [summary] = &summaries[..] else {
        panic!("{summaries:?}");
    };
    assert_eq!((summary.id, summary.name.as_str()), (id, "web"));
    assert_eq!(
        (summary.state, summary.labels["l"].as_str()),
        (State::Exited, "v")
    );
    let volume = &summary.volumes[0];
    assert_eq!(
        (volume.volume.as_str(), volume.driver.as_str()),
        ("data", "local")
    );
    assert_eq!(
        (volume.destination.as_str(), volume.is_writable),
        ("/data", false)
    );
    let missing = ContainerId::from_bytes([1; 32]);
    let error = engine.restart(&missing, Duration::ZERO).await.unwrap_err();
    assert!(
        error.to_string().contains("restart container 010101010101"),
        "{error}"
    );
}

#[tokio::test]
async fn what_happens_between_two_streams_is_repeated() {
    let (testbed, engine) = start().await;
    let host = testbed.host(0);
    let mut events = engine.events(Since::NOW).await.unwrap();
    let id = run(host, &["--name", "web"]).await;
    let started = loop {
        let event: Event = timeout(LIMIT, events.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        if event.action == Action::Start {
            break event;
        }
    };
    drop(events);
    host.docker(&["pause", "web"]).await.unwrap();
    let mut events = engine.events(Since::Time(started.time_ns)).await.unwrap();
    let mut next = async || {
        timeout(LIMIT, events.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
    };
    assert_eq!(next().await, started);
    let paused = next().await;
    assert_eq!((paused.id, paused.action), (id, Action::Pause));
}

#[tokio::test]
async fn commands_run_inside_containers() {
    let (testbed, engine) = start().await;
    let host = testbed.host(0);
    let id = run(host, &["--name", "web"]).await;
    let shell = async |script: &str, limit| {
        let command = ["sh", "-c", script].map(str::to_owned);
        let env = ["TOKEN=a b".to_owned()];
        engine.exec(&id, &command, &env, limit).await
    };
    let exec = shell(
        "echo out; echo err >&2; test \"$TOKEN\" = 'a b' && exit 3",
        LIMIT,
    )
    .await
    .unwrap();
    assert_eq!((exec.exit_code, exec.truncated), (3, false));
    assert!(
        exec.output.contains("out\n") && exec.output.contains("err\n"),
        "{exec:?}"
    );

    let exec = shell("yes | head -c 3000000; exit 4", LIMIT).await.unwrap();
    assert_eq!((exec.exit_code, exec.truncated), (4, true));
    assert_eq!(exec.output.len(), Exec::OUTPUT_BYTES_MAX);

    let begun = Instant::now();
    let limit = Duration::from_millis(300);
    let error = shell("sleep 100", limit).await.unwrap_err();
    assert!(
        matches!(error, Error::ExecTimedOut { container, .. } if container == id),
        "{error}"
    );
    assert!(begun.elapsed() >= limit);

    // What runs for too long is ended, with what it has started, and started again only then.
    let script = "sleep 4321 & sleep 4321; true";
    let mut refused = 0;
    for _ in 0..20 {
        match shell(script, limit).await.unwrap_err() {
            Error::ExecTimedOut { .. } => {}
            Error::ExecUnfinished { .. } => refused += 1,
            error => panic!("{error}"),
        }
        let top = host.docker(&["top", "web"]).await.unwrap();
        // The shell and its two children.
        assert!(top.matches("4321").count() <= 3, "{top}");
    }
    println!("not started again {refused} times of 20");
    let ended = async || match host.docker(&["top", "web"]).await.unwrap() {
        top if top.contains("4321") => Err(top),
        _ => Ok(()),
    };
    wait::until("their end", LIMIT, ended).await.unwrap();

    host.docker(&["pause", "web"]).await.unwrap();
    let error = shell("true", LIMIT).await.unwrap_err();
    assert!(
        matches!(error, Error::Refused { status: 409, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn signals_reach_a_containers_first_process() {
    let (testbed, engine) = start().await;
    let host = testbed.host(0);
    let id = run(host, &["--name", "web"]).await;
    let error = engine.kill(&id, "NONSENSE").await.unwrap_err();
    assert!(error.to_string().contains("signal NONSENSE"), "{error}");
    engine.kill(&id, "KILL").await.unwrap();
    let status = host.docker(&["wait", "web"]).await.unwrap();
    assert_eq!(status, "137");
    let error = engine.kill(&id, "KILL").await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
}
