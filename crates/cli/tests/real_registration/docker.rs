//! Whatever Docker does, and however much of it, what is registered is what runs.

use crate::{
    cluster::{Cluster, LIMIT, at, run_stubborn, run_web},
    health::until_withheld,
};
use dockeeper_testbed::{Host, IMAGE, Testbed, wait};
use std::{sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::Instant};

/// How many containers are started and stopped.
const CONTAINERS: usize = 200;

/// How long Docker is away: longer than a stop is held, and several comparisons.
const AWAY: Duration = Duration::from_secs(10);

/// How many clients do it at once.
const CLIENTS: usize = 4;

#[tokio::test]
async fn a_restarted_docker_is_compared_with() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    run_web(host, "web", 8080, &["--restart", "always"]).await;
    run_web(host, "once", 8081, &[]).await;
    cluster.settled(host).await;
    host.restart_docker().await.unwrap();
    cluster.settled(host).await;
    // Killed, it loses its events and finds its containers in another state.
    host.kill_docker().await.unwrap();
    host.start_docker().await.unwrap();
    run_web(host, "after", 8082, &[]).await;
    cluster.settled(host).await;
}

#[tokio::test]
async fn what_was_told_to_stop_stays_out_while_docker_is_away() {
    let builder = Testbed::builder().hosts(1).zookeepers(1);
    let arguments = ["--stop-hold", "3s", "--compare-interval", "1s"];
    let cluster = Cluster::start_with(builder, &arguments).await;
    let host = cluster.testbed.host(0);
    let id = run_stubborn(host, "web", 8080).await;
    cluster.until_endpoints("web", &[at(host, 8080)]).await;
    let term = ["kill", "--signal", "TERM", "web"];
    host.docker(&term).await.unwrap();
    until_withheld(&cluster, host, &id, "being stopped").await;
    // Asked again, Docker says that it runs on.
    cluster.until_endpoints("web", &[at(host, 8080)]).await;

    host.docker(&term).await.unwrap();
    until_withheld(&cluster, host, &id, "being stopped").await;
    host.kill_docker().await.unwrap();
    let away = Instant::now();
    while away.elapsed() < AWAY {
        assert_eq!(cluster.endpoints("web").await, [""; 0]);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    host.start_docker().await.unwrap();
    cluster.settled(host).await;
}

#[tokio::test]
async fn what_is_started_again_and_again_is_not_said_to_be_misconfigured() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let mut run = vec!["run", "--detach", "--name", "again", "--restart", "always"];
    run.extend(["--publish", "8080:80", "--publish", "81"]);
    run.extend(["--label", "SERVICE_NAME=again", IMAGE]);
    run.extend(["sh", "-c", "sleep 0.3; exit 1"]);
    let id = host.docker(&run).await.unwrap();
    for _ in 0..2 {
        until_withheld(&cluster, host, &id, "restarting").await;
        let seen = restarts(host, "again").await;
        let again = async || match restarts(host, "again").await {
            count if count > seen => Ok(()),
            count => Err(format!("{count} restarts")),
        };
        let found = wait::until("another restart", LIMIT, again).await;
        found.unwrap();
    }
    let log = cluster.agents[0].log().unwrap();
    assert!(!log.contains("not published"), "{log}");
    let record = &cluster.containers(host).await[&id];
    assert_eq!(record.problems, [""; 0]);
}

async fn restarts(host: &Host, name: &str) -> u64 {
    let format = "{{.RestartCount}}";
    let count = host.docker(&["inspect", "--format", format, name]).await;
    count.unwrap().parse().unwrap()
}

#[tokio::test]
async fn many_containers_in_random_order_are_all_accounted_for() {
    let cluster = Arc::new(Cluster::start(1, 1).await);
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let cluster = cluster.clone();
        clients.spawn(async move {
            let host = cluster.testbed.host(0);
            let mut rng = fastrand::Rng::with_seed(client as u64);
            for number in 0..CONTAINERS / CLIENTS {
                churn(host, &format!("c{client}-{number}"), &mut rng).await;
            }
        });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
    cluster.settled(cluster.testbed.host(0)).await;
}

/// Starts a container and lets something befall it.
async fn churn(host: &Host, name: &str, rng: &mut fastrand::Rng) {
    let service = format!("SERVICE_NAME=s{}", rng.u8(..10));
    let mut arguments = vec![
        "run",
        "--detach",
        "--init",
        "--name",
        name,
        "--publish",
        "80",
    ];
    arguments.extend(["--label", &service, IMAGE, "sleep", "600"]);
    host.docker(&arguments).await.unwrap();
    let renamed = format!("{name}-renamed");
    let fate: &[&str] = match rng.u8(..8) {
        0 => &["kill", name],
        1 => &["stop", "--time", "1", name],
        2 => &["pause", name],
        3 => &["rename", name, &renamed],
        4 => &["restart", "--time", "0", name],
        5 | 6 => &["rm", "--force", name],
        _ => &["kill", "--signal", "CONT", name],
    };
    host.docker(fate).await.unwrap();
}
