//! Whatever is wrong outside, the agent says so and goes on with the rest.

use crate::cluster::{Cluster, DOCKEEPER, LIMIT, at, run_web};
use dockeeper_testbed::{Testbed, wait};
use dockeeper_zk_client::{Acl, CreateMode};
use tokio::process::Command;

#[tokio::test]
async fn absurd_labels_disturb_nobody_else() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    // As long as one argument of a program may be.
    let long = format!("SERVICE_TAGS={}", "x".repeat(120 * 1024));
    for (number, label) in [
        "SERVICE_70000_NAME=x",
        "SERVICE_PORT=-1",
        "SERVICE_NAME=../../etc",
        "SERVICE_NAME=a\u{7}b",
        "SERVICE_ID=a/b",
        "SERVICE_CHECK_INTERVAL=-5s",
        "SERVICE_IP=not-an-ip",
        &long,
    ]
    .iter()
    .enumerate()
    {
        let port = 8100 + u16::try_from(number).unwrap();
        let name = format!("absurd-{number}");
        let tcp = "SERVICE_CHECK_TCP=true";
        run_web(host, &name, port, &["--label", label, "--label", tcp]).await;
    }
    let attributes: Vec<_> = (10..30)
        .map(|n| format!("SERVICE_A{n}={}", "x".repeat(4000)))
        .collect();
    let mut many = vec!["--label", "SERVICE_IGNORE=because\nof"];
    many.extend(attributes.iter().flat_map(|label| ["--label", label]));
    run_web(host, "ignored", 8200, &many).await;
    for (number, check) in [
        "SERVICE_CHECK_CMD=set -e\nfalse",
        "SERVICE_CHECK_CMD=test\t-e /nope",
        "SERVICE_CHECK_HTP=/nope",
    ]
    .iter()
    .enumerate()
    {
        let port = 8300 + u16::try_from(number).unwrap();
        let name = format!("unwell-{number}");
        let labels = ["--env", check, "--label", "SERVICE_NAME=unwell"];
        run_web(host, &name, port, &labels).await;
    }
    run_web(host, "good", 8080, &["--label", "SERVICE_NAME=good"]).await;
    cluster.until_endpoints("good", &[at(host, 8080)]).await;
    cluster.settled(host).await;
    let defaults = cluster.endpoints("busybox").await;
    assert!(!defaults.contains(&at(host, 8200)), "{defaults:?}");
    assert_eq!(cluster.endpoints("unwell").await, [""; 0]);
    let containers = cluster.containers(host).await;
    let absurd = containers.values().filter(|c| c.name.starts_with("absurd"));
    for container in absurd {
        let withheld = container.instances.iter().any(|i| i.withheld.is_some());
        assert!(withheld || !container.problems.is_empty(), "{container:?}");
    }
}

#[tokio::test]
async fn foreign_znodes_are_left_alone_and_skipped() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let name = host.node().name();
    let foreign = [
        ("/services/web".to_owned(), "not json"),
        (format!("/services/web/{name}:web:80"), "{broken"),
        ("/services/web/other".to_owned(), "\u{1}\u{2}"),
        ("/containers/strange".to_owned(), "x"),
        ("/containers/strange/no-id".to_owned(), "[]"),
        ("/nodes/ghost".to_owned(), "?"),
        ("/nodes/object".to_owned(), "{}"),
        ("/containers/strange/object".to_owned(), "{}"),
        ("/maintenance/odd".to_owned(), "1"),
    ];
    for (path, content) in &foreign {
        let created = cluster
            .client
            .create(path, *content, CreateMode::Persistent)
            .await;
        created.unwrap();
    }
    run_web(host, "web", 8080, &["--label", "SERVICE_NAME=web"]).await;
    run_web(host, "other", 8081, &["--label", "SERVICE_NAME=other"]).await;
    cluster.until_endpoints("other", &[at(host, 8081)]).await;
    for command in [["ps"], ["nodes"], ["services"]] {
        cluster.dockeeper(host, &command).await;
    }
    for (path, content) in &foreign {
        assert_eq!(cluster.client.get(path).await.unwrap().0, *content);
    }
    let is_named = async || {
        let containers = cluster.containers(host).await;
        let mut instances = containers.values().flat_map(|c| &c.instances);
        let is_it = |why: &String| why.contains("is a persistent znode");
        match instances.any(|i| i.withheld.as_ref().is_some_and(is_it)) {
            true => Ok(()),
            false => Err(format!("{containers:?}")),
        }
    };
    wait::until("the reason", LIMIT, is_named).await.unwrap();
    // When what was in the way is gone, the instance takes its place.
    let path = &foreign[1].0;
    cluster.client.delete(path, None).await.unwrap();
    cluster
        .client
        .delete("/services/web/other", None)
        .await
        .unwrap();
    cluster.until_endpoints("web", &[at(host, 8080)]).await;
}

#[tokio::test]
async fn an_acl_that_shuts_the_agent_out_is_named() {
    let testbed = Testbed::builder()
        .hosts(1)
        .zookeepers(1)
        .start()
        .await
        .unwrap();
    let host = testbed.host(0);
    let servers = testbed.zookeeper().connect_string();
    let config = dockeeper_zk_client::Config::new(servers.parse().unwrap());
    let owner = dockeeper_zk_client::Client::connect(config.with_digest("owner:secret"));
    let acl = Acl::creator_all();
    let mode = CreateMode::Persistent;
    owner
        .create_with_acl("/dockeeper", "", mode, acl)
        .await
        .unwrap();
    let state = host.node().directory().join("state");
    let state = state.to_str().unwrap();
    let base = [
        "agent",
        "--zk",
        &servers,
        "--node",
        "h1",
        "--state-dir",
        state,
    ];
    for auth in [&[][..], &["--zk-auth", "owner:wrong"]] {
        let agent = host
            .spawn(DOCKEEPER, &[&base[..], auth].concat(), &[])
            .unwrap();
        assert!(!agent.wait(LIMIT).await.unwrap().success());
        let log = agent.log().unwrap();
        assert!(
            log.contains("ZooKeeper refused") && log.contains("--zk-auth"),
            "{log}"
        );
        assert!(!log.contains("wrong"), "{log}");
    }
    let auth = ["--zk-auth", "owner:secret"];
    let _agent = host
        .spawn(DOCKEEPER, &[&base[..], &auth].concat(), &[])
        .unwrap();
    let registered = async || match owner.exists("/dockeeper/nodes/h1").await {
        Ok(Some(_)) => Ok(()),
        other => Err(format!("{other:?}")),
    };
    wait::until("the agent", LIMIT, registered).await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_waited_for_and_named() {
    let testbed = Testbed::builder()
        .hosts(1)
        .zookeepers(1)
        .start()
        .await
        .unwrap();
    let host = testbed.host(0);
    let state = host.node().directory().join("state");
    let state = state.to_str().unwrap();
    let servers = testbed.zookeeper().connect_string();
    host.stop_docker().await.unwrap();
    testbed.zookeeper().stop_all().await.unwrap();
    let arguments = [
        "agent",
        "--zk",
        &servers,
        "--node",
        "h1",
        "--state-dir",
        state,
    ];
    let agent = host.spawn(DOCKEEPER, &arguments, &[]).unwrap();
    let said = async |what: &str| {
        let said = async || match agent.log() {
            Ok(log) if log.contains(what) => Ok(()),
            log => Err(format!("{log:?}")),
        };
        wait::until(what.to_owned(), LIMIT, said).await.unwrap();
    };
    said("still waiting for ZooKeeper").await;
    testbed.zookeeper().start_all().await.unwrap();
    said("connected to ZooKeeper").await;
    host.start_docker().await.unwrap();
    run_web(host, "web", 8080, &[]).await;
    let config = format!("{servers}/dockeeper").parse().unwrap();
    let client = dockeeper_zk_client::Client::connect(dockeeper_zk_client::Config::new(config));
    let found = async || match client.list("/services/busybox").await {
        Ok((ids, _)) if ids.len() == 1 => Ok(()),
        other => Err(format!("{other:?}")),
    };
    wait::until("the instance", LIMIT, found).await.unwrap();
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("agent.toml");
    std::fs::write(&file, "nod = 'h1'").unwrap();
    let file = file.to_str().unwrap();
    for (arguments, why) in [
        (
            vec!["--zk", "::bad::"],
            "does not name a ZooKeeper ensemble",
        ),
        (vec!["--zk", "zk", "--node", "a/b"], "'/'"),
        (
            vec!["--zk", "zk", "--address", "here"],
            "invalid IP address",
        ),
        (vec!["--zk", "zk", "--session-timeout", "soon"], "soon"),
        (vec!["--zk", "zk", "--config", file], "nod"),
        (vec!["--zk", "zk", "--docker", "ftp://x"], "ftp://x"),
        (
            vec!["--zk", "zk", "--state-dir", "/proc/nope"],
            "--state-dir",
        ),
    ] {
        let mut command = Command::new(DOCKEEPER);
        command.arg("agent").args(&arguments);
        if !arguments.contains(&"--state-dir") {
            command.args(["--state-dir", folder.path().join("state").to_str().unwrap()]);
        }
        let output = tokio::time::timeout(LIMIT, command.output())
            .await
            .unwrap()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(error.contains(why), "{arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
    }
}
