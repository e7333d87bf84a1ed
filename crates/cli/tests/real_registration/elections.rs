//! Containers that stand for election because of their labels.

use crate::cluster::{Cluster, LIMIT, at, run_web, state_dir};
use dockeeper_model::{ElectionStatus, election::Role};
use dockeeper_testbed::{Host, IMAGE, wait};
use tokio::time::Instant;

/// A container of a service whose leader is elected; it writes down what it is told.
const LABELS: [&str; 8] = [
    "--label",
    "SERVICE_NAME=orders",
    "--label",
    "dockeeper.election=orders",
    "--label",
    "dockeeper.election.on-elected=exec:echo elected $DOCKEEPER_LOCK_TOKEN >> /told",
    "--label",
    "dockeeper.election.on-lost=exec:echo lost $DOCKEEPER_LOCK_TOKEN >> /told",
];

/// What a container is in its election.
async fn status(cluster: &Cluster, host: &Host, id: &str) -> Option<ElectionStatus> {
    let containers = cluster.containers(host).await;
    containers.get(id)?.elections.first().cloned()
}

/// Waits until a container has this role, and returns the rest.
async fn until_role(cluster: &Cluster, host: &Host, id: &str, role: Role) -> ElectionStatus {
    let has_role = async || match status(cluster, host, id).await {
        Some(status) if status.role == role => Ok(status),
        other => Err(format!("{other:?}")),
    };
    let what = format!("a {}", role.as_str());
    wait::until(what, LIMIT, has_role).await.unwrap()
}

/// Waits until a container does not stand, for such a reason.
async fn until_withheld(cluster: &Cluster, host: &Host, id: &str, why: &str) {
    let is_withheld = async || {
        let status = status(cluster, host, id).await;
        let withheld = status.as_ref().and_then(|status| status.withheld.as_ref());
        match withheld.is_some_and(|withheld| withheld.contains(why)) {
            true => Ok(()),
            false => Err(format!("{status:?}")),
        }
    };
    wait::until(format!("none for {why}"), LIMIT, is_withheld)
        .await
        .unwrap();
}

async fn until_leads(cluster: &Cluster, host: &Host, id: &str) -> i64 {
    let leader = until_role(cluster, host, id, Role::Leader).await;
    leader.token.unwrap()
}

/// What a container was told, in its order.
async fn told(host: &Host, name: &str) -> String {
    host.docker(&["exec", name, "cat", "/told"])
        .await
        .unwrap_or_default()
}

async fn until_told(host: &Host, name: &str, expected: &str) {
    let is_told = async || match told(host, name).await {
        told if told == expected => Ok(()),
        other => Err(other),
    };
    wait::until(expected.to_owned(), LIMIT, is_told)
        .await
        .unwrap();
}

#[tokio::test]
async fn one_leads_and_is_found_until_another_does() {
    let cluster = Cluster::start(2, 1).await;
    let [h1, h2] = cluster.testbed.hosts() else {
        unreachable!("two hosts were asked for");
    };
    let leader = ["discover", "orders", "--leader", "-o", "name"];
    let first = run_web(h1, "first", 8080, &LABELS).await;
    let token = until_leads(&cluster, h1, &first).await;
    assert_eq!(told(h1, "first").await, format!("elected {token}"));
    let second = run_web(h2, "second", 8080, &LABELS).await;
    until_role(&cluster, h2, &second, Role::Candidate).await;
    // Only what is well stands.
    let unwell = [&LABELS[..], &["--health-cmd", "false"]].concat();
    let unwell = run_web(h2, "unwell", 8081, &unwell).await;
    until_withheld(&cluster, h2, &unwell, "HEALTHCHECK").await;
    cluster
        .until_endpoints("orders", &[at(h1, 8080), at(h2, 8080)])
        .await;
    let found = cluster.dockeeper(h2, &leader).await;
    assert_eq!(found.trim(), at(h1, 8080));
    let wide = cluster.dockeeper(h2, &["ps", "-o", "wide"]).await;
    for shown in [
        "orders: leader",
        "orders: candidate",
        "orders: none (HEALTH",
    ] {
        assert!(wide.contains(shown), "{wide}");
    }

    h1.docker(&["kill", "first"]).await.unwrap();
    let killed = Instant::now();
    let next = until_leads(&cluster, h2, &second).await;
    println!("another leads {:?} after the kill", killed.elapsed());
    assert!(next > token);
    assert_eq!(told(h2, "second").await, format!("elected {next}"));
    let found = cluster.dockeeper(h1, &leader).await;
    assert_eq!(found.trim(), at(h2, 8080));

    // One that is paused leads no longer, and is told so when it can be.
    h2.docker(&["pause", "second"]).await.unwrap();
    until_role(&cluster, h2, &second, Role::None).await;
    let (code, out, err) = cluster.try_dockeeper(h1, &leader).await;
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(err.contains("no leading instance of orders"), "{err}");
    assert!(err.contains("second in the election orders"), "{err}");
    h2.docker(&["unpause", "second"]).await.unwrap();
    let again = until_leads(&cluster, h2, &second).await;
    let expected = format!("elected {next}\nlost {next}\nelected {again}");
    until_told(h2, "second", &expected).await;
}

#[tokio::test]
async fn an_agents_restart_changes_no_leader_and_tells_nobody() {
    let mut cluster = Cluster::start(2, 1).await;
    let (h1, h2) = (cluster.testbed.host(0), cluster.testbed.host(1));
    let first = run_web(h1, "first", 8080, &LABELS).await;
    let token = until_leads(&cluster, h1, &first).await;
    let second = run_web(h2, "second", 8080, &LABELS).await;
    until_role(&cluster, h2, &second, Role::Candidate).await;
    let expected = format!("elected {token}");
    for graceful in [true, false] {
        let agent = cluster.agents.remove(0);
        if graceful {
            agent.terminate().unwrap();
            assert!(agent.wait(LIMIT).await.unwrap().success());
        } else {
            agent.kill().await.unwrap();
        }
        cluster.agents.insert(0, cluster.agent(h1));
        // What starts meanwhile shows that the new one has compared everything and campaigns.
        let name = format!("after-{graceful}");
        let election = format!("dockeeper.election={name}");
        let labels = ["--label", election.as_str()];
        let id = run_web(h1, &name, 8090 + u16::from(graceful), &labels).await;
        until_leads(&cluster, h1, &id).await;
        assert_eq!(until_leads(&cluster, h1, &first).await, token);
        assert_eq!(told(h1, "first").await, expected);
        assert_eq!(told(h2, "second").await, "");
    }

    // One that comes back too late finds that another leads, and says so to the last one.
    cluster.agents.remove(0).kill().await.unwrap();
    until_leads(&cluster, h2, &second).await;
    assert_eq!(told(h1, "first").await, expected);
    cluster.agents.insert(0, cluster.agent(h1));
    until_told(h1, "first", &format!("elected {token}\nlost {token}")).await;
    until_role(&cluster, h1, &first, Role::Candidate).await;
}

#[tokio::test]
async fn a_leader_whose_agent_was_frozen_is_told_when_it_wakes() {
    let cluster = Cluster::start(2, 1).await;
    let [h1, h2] = cluster.testbed.hosts() else {
        unreachable!("two hosts were asked for");
    };
    let first = run_web(h1, "first", 8080, &LABELS).await;
    let token = until_leads(&cluster, h1, &first).await;
    let second = run_web(h2, "second", 8080, &LABELS).await;
    until_role(&cluster, h2, &second, Role::Candidate).await;
    cluster.agents[0].freeze().await.unwrap();
    let next = until_leads(&cluster, h2, &second).await;
    assert!(next > token);
    assert_eq!(told(h1, "first").await, format!("elected {token}"));
    cluster.agents[0].thaw().unwrap();
    until_told(h1, "first", &format!("elected {token}\nlost {token}")).await;
    until_role(&cluster, h1, &first, Role::Candidate).await;
    assert_eq!(until_leads(&cluster, h2, &second).await, next);
}

#[tokio::test]
async fn a_leader_that_is_cut_off_is_told_meanwhile() {
    let cluster = Cluster::start(2, 1).await;
    let [h1, h2] = cluster.testbed.hosts() else {
        unreachable!("two hosts were asked for");
    };
    let first = run_web(h1, "first", 8080, &LABELS).await;
    let token = until_leads(&cluster, h1, &first).await;
    let second = run_web(h2, "second", 8080, &LABELS).await;
    until_role(&cluster, h2, &second, Role::Candidate).await;
    let server = cluster.testbed.zookeeper().server(0);
    cluster.testbed.cut(h1, server).await.unwrap();
    let lost = format!("elected {token}\nlost {token}");
    until_told(h1, "first", &lost).await;
    let next = until_leads(&cluster, h2, &second).await;
    assert!(next > token);
    cluster.testbed.heal(h1, server).await.unwrap();
    until_role(&cluster, h1, &first, Role::Candidate).await;
    assert_eq!(told(h1, "first").await, lost);
}

#[tokio::test]
async fn a_request_to_a_port_of_its_own_tells_it() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let script = "mkdir -p /www/cgi-bin; \
                  printf '#!/bin/sh\\ncat > /told; echo; echo' > /www/cgi-bin/elected; \
                  chmod +x /www/cgi-bin/elected; exec httpd -f -p 80 -h /www";
    let mut run = vec!["run", "--detach", "--name", "web", "--publish", "8080:80"];
    run.extend(["--label", "dockeeper.election=orders"]);
    run.extend([
        "--label",
        "dockeeper.election.on-elected=http:80/cgi-bin/elected",
    ]);
    run.extend([IMAGE, "sh", "-c", script]);
    let id = host.docker(&run).await.unwrap();
    let token = until_leads(&cluster, host, &id).await;
    let told: serde_json::Value = serde_json::from_str(&told(host, "web").await).unwrap();
    assert_eq!(
        (&told["token"], &told["container"]),
        (&token.into(), &id.into())
    );
    assert_eq!(
        (&told["role"], &told["election"]),
        (&"leader".into(), &"orders".into())
    );
}

#[tokio::test]
async fn who_fails_to_take_it_up_leaves_it_to_another() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let election = ["--label", "dockeeper.election=orders"];
    let fails = "dockeeper.election.on-elected=exec:echo no disk; exit 3";
    let fails = [&election[..], &["--label", fails]].concat();
    let fails = run_web(host, "fails", 8080, &fails).await;
    let said = async || match status(&cluster, host, &fails).await {
        Some(ElectionStatus {
            withheld: Some(why),
            ..
        }) if why.contains("exited with 3: no disk") => Ok(()),
        other => Err(format!("{other:?}")),
    };
    wait::until("why it does not stand", LIMIT, said)
        .await
        .unwrap();
    let signal = "dockeeper.election.on-lost=signal:KILL";
    let works = [&election[..], &["--label", signal]].concat();
    let works = run_web(host, "works", 8081, &works).await;
    until_leads(&cluster, host, &works).await;
    // Taken out of service it leads no longer, which this one wants to be told by its end.
    let maintenance = [
        "maintenance",
        "on",
        "--container",
        "works",
        "--reason",
        "test",
    ];
    cluster.dockeeper(host, &maintenance).await;
    assert_eq!(host.docker(&["wait", "works"]).await.unwrap(), "137");

    // What cannot be read is said, and keeps it from standing.
    let odd = ["--label", "dockeeper.election=a/b"];
    let odd = run_web(host, "odd", 8082, &odd).await;
    let containers = async || {
        let record = cluster.containers(host).await.remove(&odd);
        record.ok_or_else(|| "not registered".to_owned())
    };
    let record = wait::until("the record", LIMIT, containers).await.unwrap();
    assert_eq!(record.elections, []);
    assert!(record.problems[0].contains("no name for an election"));
}

#[tokio::test]
async fn who_leaves_is_told_first() {
    let mut cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let id = run_web(host, "web", 8080, &LABELS).await;
    let token = until_leads(&cluster, host, &id).await;
    let agent = cluster.agents.remove(0);
    let state = state_dir(host);
    let leave = ["agent", "leave", "--state-dir", state.to_str().unwrap()];
    cluster.dockeeper(host, &leave).await;
    assert!(agent.wait(LIMIT).await.unwrap().success());
    let expected = format!("elected {token}\nlost {token}");
    assert_eq!(told(host, "web").await, expected);
    // The next one does not tell it again.
    cluster.agents.push(cluster.agent(host));
    let token = until_leads(&cluster, host, &id).await;
    let expected = format!("{expected}\nelected {token}");
    assert_eq!(told(host, "web").await, expected);
}
