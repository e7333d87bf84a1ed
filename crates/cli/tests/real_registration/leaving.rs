//! An agent that leaves takes everything of its host with it.

use crate::cluster::{Cluster, LIMIT, run_web, socket, state_dir};
use rustix::process::{Pid, Signal, kill_process};

#[tokio::test]
async fn leaving_removes_everything_at_once() {
    let mut cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    run_web(host, "web", 8080, &[]).await;
    cluster.settled(host).await;
    let state = state_dir(host);
    let leave = ["agent", "leave", "--state-dir", state.to_str().unwrap()];

    // A running agent is told to leave.
    let agent = cluster.agents.remove(0);
    assert!(socket(host).exists());
    cluster.dockeeper(host, &leave).await;
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
    cluster.dockeeper(host, &leave).await;
    assert_eq!(cluster.containers(host).await.len(), 0);

    // Nothing is left to leave.
    let (code, _, err) = cluster.try_dockeeper(host, &leave).await;
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
