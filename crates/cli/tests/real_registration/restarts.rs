//! An agent that ends and is started again takes nothing away meanwhile.

use crate::{
    cluster::{Cluster, LIMIT, at, report, run_stubborn, run_web},
    health::until_withheld,
    history::History,
};

#[tokio::test]
async fn a_restart_deletes_nothing() {
    let mut cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    for number in 0..5 {
        run_web(host, &format!("web-{number}"), 8080 + number, &[]).await;
    }
    cluster.settled(host).await;
    let before = cluster.containers(host).await;
    let history = History::begin(&cluster.client).await;

    let agent = cluster.agents.remove(0);
    agent.terminate().unwrap();
    assert!(agent.wait(LIMIT).await.unwrap().success());
    let agent = cluster.agent(host);
    // What starts meanwhile shows that the new one works.
    run_web(host, "after-term", 8090, &[]).await;
    cluster.settled(host).await;

    agent.kill().await.unwrap();
    let _agent = cluster.agent(host);
    run_web(host, "after-kill", 8091, &[]).await;
    cluster.settled(host).await;

    assert_eq!(history.deleted(), [""; 0]);
    assert!(!history.is_broken());
    let after = cluster.containers(host).await;
    for (id, record) in before {
        assert_eq!(after[&id], record);
    }
}

#[tokio::test]
async fn what_was_found_healthy_stays_so_over_a_restart() {
    let mut cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let checks = [
        ("tcp", "SERVICE_CHECK_TCP=true"),
        ("http", "SERVICE_CHECK_HTTP=/etc/hostname"),
        ("command", "SERVICE_CHECK_CMD=true"),
        ("ttl", "SERVICE_CHECK_TTL=5m"),
        ("failing", "SERVICE_CHECK_CMD=false"),
    ];
    let mut ids = Vec::new();
    for (port, (name, check)) in (8080..).zip(checks) {
        let service = format!("SERVICE_NAME={name}");
        let labels = ["--label", &service, "--label", check, "--workdir", "/"];
        ids.push(run_web(host, name, port, &labels).await);
    }
    cluster.settled(host).await;
    report(host, &format!("service:{}:ttl:80", host.node().name())).await;
    for (port, (name, _)) in (8080..).zip(checks).take(4) {
        cluster.until_endpoints(name, &[at(host, port)]).await;
    }
    until_withheld(&cluster, host, &ids[4], "exited with 1").await;
    cluster.settled(host).await;
    let before = cluster.containers(host).await;
    let history = History::begin(&cluster.client).await;

    for graceful in [true, false] {
        let agent = cluster.agents.remove(0);
        if graceful {
            agent.terminate().unwrap();
            assert!(agent.wait(LIMIT).await.unwrap().success());
        } else {
            agent.kill().await.unwrap();
        }
        cluster.agents.push(cluster.agent(host));
        // What starts meanwhile shows that the new one works, and a passed check that it probes.
        let name = format!("after-{graceful}");
        let service = format!("SERVICE_NAME={name}");
        let labels = ["--label", &service, "--label", "SERVICE_CHECK_TCP=true"];
        let port = 8090 + u16::from(graceful);
        run_web(host, &name, port, &labels).await;
        cluster.until_endpoints(&name, &[at(host, port)]).await;
        cluster.settled(host).await;
    }
    assert_eq!(history.deleted(), [""; 0]);
    assert!(!history.is_broken());
    let after = cluster.containers(host).await;
    for (id, record) in before {
        assert_eq!(after[&id], record);
    }
}

#[tokio::test]
async fn what_stopped_while_the_agent_was_away_is_gone_when_it_is_back() {
    let mut cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    run_web(host, "stays", 8080, &[]).await;
    run_web(host, "goes", 8081, &[]).await;
    cluster.settled(host).await;
    cluster.agents.remove(0).kill().await.unwrap();
    host.docker(&["rm", "--force", "goes"]).await.unwrap();
    run_web(host, "comes", 8082, &[]).await;
    let _agent = cluster.agent(host);
    cluster.settled(host).await;
    let names: Vec<_> = cluster
        .containers(host)
        .await
        .into_values()
        .map(|c| c.name)
        .collect();
    assert!(names.contains(&"stays".to_owned()) && names.contains(&"comes".to_owned()));
    assert_eq!(names.len(), 2);
}

#[tokio::test]
async fn a_stop_that_began_while_the_agent_was_away_counts() {
    let mut cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let id = run_stubborn(host, "web", 8080).await;
    cluster.until_endpoints("web", &[at(host, 8080)]).await;
    let agent = cluster.agents.remove(0);
    agent.terminate().unwrap();
    assert!(agent.wait(LIMIT).await.unwrap().success());
    host.docker(&["kill", "--signal", "TERM", "web"])
        .await
        .unwrap();
    let agent = cluster.agent(host);
    until_withheld(&cluster, host, &id, "being stopped").await;
    cluster.until_endpoints("web", &[]).await;
    // One that was of an earlier run does not.
    host.docker(&["restart", "--time", "0", "web"])
        .await
        .unwrap();
    cluster.until_endpoints("web", &[at(host, 8080)]).await;
    let history = History::begin(&cluster.client).await;
    agent.kill().await.unwrap();
    let _agent = cluster.agent(host);
    run_web(host, "after", 8081, &[]).await;
    cluster.settled(host).await;
    assert_eq!(history.deleted(), [""; 0]);
}
