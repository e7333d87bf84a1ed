//! An agent that leaves takes everything of its host with it.

use crate::cluster::{Cluster, DOCKEEPER, LIMIT, run_web, socket, state_dir};
use dockeeper_testbed::{Host, Testbed};
use rustix::process::{Pid, Signal, kill_process};

#[tokio::test]
async fn leaving_removes_everything_at_once() {
    let mut cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    run_web(host, "web", 8080, &[]).await;
    cluster.settled(host).await;

    // A running agent is told to leave.
    let agent = cluster.agents.remove(0);
    assert!(socket(host).exists());
    let (code, err) = leave(host).await;
    assert_eq!(code, Some(0), "{err}");
    assert!(agent.wait(LIMIT).await.unwrap().success());
    assert!(!socket(host).exists());
    assert_eq!(cluster.containers(host).await.len(), 0);
    assert_eq!(cluster.dockeeper(host, &["nodes", "-o", "name"]).await, "");

    // The session that a stopped one left behind is ended.
    let agent = cluster.agent(host);
    cluster.settled(host).await;
    agent.terminate().unwrap();
    agent.wait(LIMIT).await.unwrap();
    assert!(!socket(host).exists());
    assert_eq!(cluster.containers(host).await.len(), 1);
    let (code, err) = leave(host).await;
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(cluster.containers(host).await.len(), 0);

    // Nothing is left to leave.
    let (code, err) = leave(host).await;
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("nothing to leave"), "{err}");

    // Ctrl-C means the same.
    let agent = cluster.agent(host);
    cluster.settled(host).await;
    let pid = Pid::from_raw(i32::try_from(agent.pid()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert!(agent.wait(LIMIT).await.unwrap().success());
    assert_eq!(cluster.containers(host).await.len(), 0);
}

#[tokio::test]
async fn what_no_server_was_told_of_is_not_said_to_be_gone() {
    let builder = Testbed::builder().hosts(1).zookeepers(1);
    let mut cluster = Cluster::start_with(builder, &["--timeout", "2s"]).await;
    let host = cluster.testbed.host(0);
    run_web(host, "web", 8080, &[]).await;
    cluster.settled(host).await;
    let server = cluster.testbed.zookeeper().server(0);
    server.freeze().await.unwrap();

    let agent = cluster.agents.remove(0);
    let untold = "no ZooKeeper server could be told";
    let (code, err) = leave(host).await;
    assert_eq!(code, Some(4), "{err}");
    assert!(err.contains(untold), "{err}");
    assert_eq!(agent.wait(LIMIT).await.unwrap().code(), Some(4));
    let log = agent.log().unwrap();
    assert!(log.contains(untold), "{log}");
    assert!(!log.contains("nothing of this host is registered"), "{log}");
    // Nor by the command itself, for what was left behind.
    let (code, err) = leave(host).await;
    assert_eq!(code, Some(4), "{err}");

    // What was kept says what is to be ended.
    server.thaw().await.unwrap();
    let (code, err) = leave(host).await;
    assert_eq!(code, Some(0), "{err}");
    assert!(
        err.contains("the session that the last agent left"),
        "{err}"
    );
    assert_eq!(cluster.containers(host).await.len(), 0);
}

/// Runs `agent leave` on a host without saying where ZooKeeper is: the state directory does.
/// Returns its exit code and what it said.
async fn leave(host: &Host) -> (Option<i32>, String) {
    let mut command = host.command(DOCKEEPER).unwrap();
    command.args(["agent", "leave", "--timeout", "2s", "--state-dir"]);
    let output = command
        .arg(state_dir(host))
        .env_remove("DOCKEEPER_ZK")
        .output();
    let output = tokio::time::timeout(LIMIT, output).await.unwrap().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}
