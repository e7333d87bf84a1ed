//! One of the agents' processes is the controller.

use crate::cluster::{Cluster, LIMIT, SESSION_TIMEOUT};
use dockeeper_model::{
    Holder, decode,
    layout::{CONTROLLER_ELECTION, CONTROLLER_EPOCH},
};
use dockeeper_testbed::{Testbed, wait};
use tokio::time::Instant;

impl Cluster {
    /// Waits until another than `before` has begun to control, and tells which host's.
    async fn controller(&self, before: Option<&str>) -> String {
        wait::until("a controller", LIMIT, async || {
            let found = self.client.get(CONTROLLER_EPOCH).await;
            let (content, _) = found.map_err(|error| error.to_string())?;
            let holder = decode::<Holder>(&content).map_err(|error| error.to_string())?;
            match holder.node {
                Some(node) if Some(node.as_str()) != before => Ok(node),
                other => Err(format!("{other:?}")),
            }
        })
        .await
        .unwrap()
    }

    /// Waits until so many stand for controller.
    async fn candidates(&self, count: usize) {
        wait::until(format!("{count} candidates"), LIMIT, async || {
            let names = match self.client.list(CONTROLLER_ELECTION).await {
                Ok((names, _)) => names,
                Err(error) => return Err(error.to_string()),
            };
            match names.len() == count {
                true => Ok(()),
                false => Err(format!("{names:?}")),
            }
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn another_agent_controls_at_once_when_one_ends() {
    let mut cluster = Cluster::start(2, 1).await;
    cluster.candidates(2).await;
    let first = cluster.controller(None).await;
    let hosts = cluster.testbed.hosts();
    let at = hosts.iter().position(|host| host.node().name() == first);
    let at = at.unwrap();
    let agent = cluster.agents.remove(at);
    agent.terminate().unwrap();
    assert!(agent.wait(LIMIT).await.unwrap().success());
    let ended = Instant::now();
    let second = cluster.controller(Some(&first)).await;
    println!("another controls {:?} after the end", ended.elapsed());
    cluster.candidates(1).await;

    // The session that the first one left is resumed, and nobody waits behind it.
    let _agent = cluster.agent(cluster.testbed.host(at));
    cluster.candidates(2).await;
    cluster.agents.remove(0).kill().await.unwrap();
    let killed = Instant::now();
    assert_eq!(cluster.controller(Some(&second)).await, first);
    println!(
        "another controls {:?} after a kill, session {SESSION_TIMEOUT:?}",
        killed.elapsed()
    );
}

#[tokio::test]
async fn an_agent_that_is_not_to_control_does_not_stand() {
    let builder = Testbed::builder().hosts(2).zookeepers(1);
    let mut cluster = Cluster::start_with(builder, &["--no-controller"]).await;
    let host = cluster.testbed.host(1);
    let agent = cluster.agents.remove(1);
    agent.terminate().unwrap();
    assert!(agent.wait(LIMIT).await.unwrap().success());
    let _agent = cluster.agent(host);
    assert_eq!(cluster.controller(None).await, host.node().name());
    // The first agent would have stood long before.
    cluster.candidates(1).await;
}
