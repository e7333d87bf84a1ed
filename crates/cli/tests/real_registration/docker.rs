//! Whatever Docker does, and however much of it, what is registered is what runs.

use crate::cluster::{Cluster, run_web};
use dockeeper_testbed::{Host, IMAGE};
use std::sync::Arc;
use tokio::task::JoinSet;

/// How many containers are started and stopped.
const CONTAINERS: usize = 200;

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
