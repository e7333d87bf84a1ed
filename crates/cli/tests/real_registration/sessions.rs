//! The end of a session, and what follows it.

use crate::cluster::{Cluster, DOCKEEPER, LIMIT, SESSION_TIMEOUT, at, run_web};
use dockeeper_testbed::wait;
use tokio::time::Instant;

#[tokio::test]
async fn a_frozen_agent_registers_everything_again_when_it_wakes() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    for number in 0..10 {
        run_web(host, &format!("web-{number}"), 8080 + number, &[]).await;
    }
    cluster.settled(host).await;
    cluster.agents[0].freeze().await.unwrap();
    let expired = async || match cluster.containers(host).await.len() {
        0 => Ok(()),
        left => Err(format!("{left} containers")),
    };
    wait::until("the end of the session", LIMIT, expired)
        .await
        .unwrap();
    cluster.agents[0].thaw().unwrap();
    let woken = Instant::now();
    cluster.settled(host).await;
    println!("registered again {:?} after waking", woken.elapsed());
}

#[tokio::test]
async fn a_dead_hosts_instances_end_with_its_session() {
    let cluster = Cluster::start(2, 1).await;
    let [h1, h2] = cluster.testbed.hosts() else {
        unreachable!("two hosts were asked for");
    };
    run_web(h1, "web", 8080, &[]).await;
    run_web(h2, "web", 8080, &[]).await;
    let service = "busybox";
    let (first, second) = (at(h1, 8080), at(h2, 8080));
    cluster
        .until_endpoints(service, &[first, second.clone()])
        .await;
    h1.kill().await.unwrap();
    let killed = Instant::now();
    cluster.until_endpoints(service, &[second]).await;
    println!(
        "gone {:?} after the death, session {SESSION_TIMEOUT:?}",
        killed.elapsed()
    );
    let nodes = cluster.dockeeper(h2, &["nodes", "-o", "name"]).await;
    assert_eq!(nodes, "h2\n");

    h1.revive().await.unwrap();
    h1.docker(&["start", "web"]).await.unwrap();
    let _agent = cluster.agent(h1);
    cluster.settled(h1).await;
}

#[tokio::test]
async fn a_second_agent_of_the_same_name_is_refused() {
    let cluster = Cluster::start(2, 1).await;
    let [h1, h2] = cluster.testbed.hosts() else {
        unreachable!("two hosts were asked for");
    };
    // With its state directory: at once.
    let second = cluster.agent(h1);
    assert!(!second.wait(LIMIT).await.unwrap().success());
    let log = second.log().unwrap();
    assert!(
        log.contains("is already running with the state directory"),
        "{log}"
    );
    // On another host: when its session would have ended if it were dead.
    let zk = cluster.testbed.zookeeper().connect_string();
    let state = h2.node().directory().join("other-state");
    let mut arguments = vec!["agent", "--zk", &zk, "--node", "h1"];
    arguments.extend(["--session-timeout", "3s", "--socket=none"]);
    arguments.extend(["--state-dir", state.to_str().unwrap()]);
    let second = h2.spawn(DOCKEEPER, &arguments, &[]).unwrap();
    assert!(!second.wait(LIMIT).await.unwrap().success());
    let log = second.log().unwrap();
    assert!(
        log.contains("another agent has the node name 'h1'"),
        "{log}"
    );
    cluster.settled(h1).await;
    cluster.settled(h2).await;
}
