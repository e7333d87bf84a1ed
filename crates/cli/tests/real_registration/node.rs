//! The host's own znode, and the name that it keeps.

use crate::{
    cluster::{Cluster, DOCKEEPER, LIMIT, run_web, state_dir},
    history::History,
};
use dockeeper_model::{NodeRecord, decode};
use dockeeper_testbed::{Host, Process, wait};
use dockeeper_zk_client::{Client, CreateMode};
use std::path::Path;

#[tokio::test]
async fn what_others_do_to_the_hosts_znode_is_mended() {
    let mut cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let path = format!("/nodes/{}", host.node().name());
    let complete = async || match cluster.client.get(&path).await {
        Ok((content, stat)) if decode::<NodeRecord>(&content).unwrap().engine.is_some() => {
            Ok((content, stat))
        }
        other => Err(format!("{other:?}")),
    };
    let complete = wait::until("what the engine is", LIMIT, complete).await;
    let (content, before) = complete.unwrap();
    cluster.client.delete(&path, None).await.unwrap();
    let mended = async || match cluster.client.get(&path).await {
        Ok((found, stat)) if found == content && stat.ephemeral_owner == before.ephemeral_owner => {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    };
    wait::until("the deleted znode", LIMIT, mended)
        .await
        .unwrap();
    for foreign in ["", "{\"hacked\":1}"] {
        cluster.client.set(&path, foreign, None).await.unwrap();
        wait::until("the changed znode", LIMIT, mended)
            .await
            .unwrap();
    }
    // Somebody else is there first, and stays.
    cluster.agents[0].freeze().await.unwrap();
    cluster.client.delete(&path, None).await.unwrap();
    let mode = CreateMode::Ephemeral;
    cluster.client.create(&path, "{}", mode).await.unwrap();
    cluster.agents[0].thaw().unwrap();
    let agent = cluster.agents.remove(0);
    assert!(!agent.wait(LIMIT).await.unwrap().success());
    let log = agent.log().unwrap();
    let expected = format!("another agent has the node name '{}'", host.node().name());
    assert!(log.contains(&expected), "{log}");
}

#[tokio::test]
async fn a_copied_state_directory_harms_nobody() {
    let cluster = Cluster::start(2, 1).await;
    let [h1, h2] = cluster.testbed.hosts() else {
        unreachable!("two hosts were asked for");
    };
    run_web(h1, "web", 8080, &[]).await;
    cluster.settled(h1).await;
    let history = History::begin(&cluster.client).await;
    let copy = h2.node().directory().join("copied-state");
    copy_files(&state_dir(h1), &copy);

    // Under another name: it begins a session of its own.
    let other = agent(&cluster, h2, "h3", &copy);
    let said = "is that of node 'h1', and this is node 'h3'";
    until_said(&other, said).await;
    until_node(&cluster.client, "h3").await;
    cluster.settled(h1).await;
    assert_eq!(history.deleted(), [""; 0]);
    other.kill().await.unwrap();

    // With the copy nothing can be ended that the first one holds.
    std::fs::remove_dir_all(&copy).unwrap();
    copy_files(&state_dir(h1), &copy);
    let leave = ["agent", "leave", "--state-dir", copy.to_str().unwrap()];
    let (code, _, err) = cluster.try_dockeeper(h2, &leave).await;
    assert_ne!(code, Some(0), "{err}");
    assert!(err.contains("it is that of the agent on "), "{err}");
    cluster.settled(h1).await;
    assert_eq!(history.deleted(), [""; 0]);

    // Under the same name: one of them has to go, and it is not the first.
    let twin = agent(&cluster, h2, "h1", &copy);
    let ended = twin.wait(LIMIT).await;
    let log = twin.log().unwrap();
    assert!(ended.is_ok_and(|status| !status.success()), "{log}");
    assert!(log.contains("go on with the session of"), "{log}");
    // Started again, it has a session of its own, and no name.
    let twin = agent(&cluster, h2, "h1", &copy);
    assert!(!twin.wait(LIMIT).await.unwrap().success());
    let log = twin.log().unwrap();
    assert!(
        log.contains("another agent has the node name 'h1'"),
        "{log}"
    );
    cluster.settled(h1).await;
    cluster.settled(h2).await;
}

fn agent(cluster: &Cluster, host: &Host, node: &str, state: &Path) -> Process {
    let zk = cluster.testbed.zookeeper().connect_string();
    let mut arguments = vec!["agent", "--zk", &zk, "--node", node, "--socket=none"];
    arguments.extend(["--session-timeout", "3s"]);
    arguments.extend(["--state-dir", state.to_str().unwrap()]);
    host.spawn(DOCKEEPER, &arguments, &[]).unwrap()
}

fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

async fn until_said(agent: &Process, what: &str) {
    let said = async || match agent.log() {
        Ok(log) if log.contains(what) => Ok(()),
        log => Err(format!("{log:?}")),
    };
    wait::until(what.to_owned(), LIMIT, said).await.unwrap();
}

async fn until_node(client: &Client, name: &str) {
    let path = format!("/nodes/{name}");
    let there = async || match client.exists(&path).await {
        Ok(Some(_)) => Ok(()),
        other => Err(format!("{other:?}")),
    };
    wait::until(path.clone(), LIMIT, there).await.unwrap();
}
