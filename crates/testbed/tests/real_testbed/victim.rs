//! Another process that has a testbed and is killed.

use std::{path::Path, process::Stdio};

use dockeeper_testbed::{
    IMAGE, Testbed,
    inventory::{Outcome, Which, bring_down},
    wait::until,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
};

use crate::LIMIT;

/// Begins the line that says what the victim has started.
const SIGN: &str = "processes of the victim: ";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_leaves_is_removed_at_the_next_start() {
    let pids = leave_behind().await;
    let testbed = Testbed::builder()
        .hosts(0)
        .zookeepers(0)
        .start()
        .await
        .unwrap();
    until_gone(&pids).await;
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_leaves_is_brought_down_and_nothing_else() {
    let testbed = Testbed::builder()
        .hosts(0)
        .zookeepers(0)
        .start()
        .await
        .unwrap();
    let pids = leave_behind().await;
    let down = tokio::task::spawn_blocking(|| bring_down(Which::Abandoned));
    let outcomes = down.await.unwrap().unwrap();
    let is_this = |outcome: &Outcome| match outcome {
        Outcome::Left(record) => record.layout == *testbed.layout(),
        Outcome::Removed(_) => false,
    };
    assert!(outcomes.iter().any(is_this), "{outcomes:?}");
    until_gone(&pids).await;
    testbed.shutdown().await.unwrap();
}

/// Waits for the victim's processes to end. It may be another test's start that ends them.
async fn until_gone(pids: &[u32]) {
    until("the end of the victim's processes", LIMIT, async || {
        let left: Vec<_> = pids.iter().filter(|pid| is_alive(**pid)).collect();
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    })
    .await
    .unwrap();
}

fn is_alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

/// Lets another process start a testbed, kills it, and returns which processes it has left: a
/// daemon and a container.
async fn leave_behind() -> Vec<u32> {
    let mut victim = Command::new(std::env::current_exe().unwrap());
    victim.args(["--exact", "victim::victim", "--ignored", "--nocapture"]);
    victim
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let mut victim = victim.spawn().unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let pids = loop {
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("the victim says what it has started");
        if let Some((_, pids)) = line.split_once(SIGN) {
            break pids.split(' ').map(|pid| pid.parse().unwrap()).collect();
        }
    };
    victim.kill().await.unwrap();
    pids
}

#[tokio::test]
#[ignore = "it is the other process of another test, and waits to be killed"]
async fn victim() {
    let testbed = Testbed::builder()
        .hosts(1)
        .zookeepers(1)
        .start()
        .await
        .unwrap();
    let host = testbed.host(0);
    let id = host
        .docker(&["run", "--detach", IMAGE, "sleep", "600"])
        .await
        .unwrap();
    let container = host
        .docker(&["inspect", "--format", "{{.State.Pid}}", &id])
        .await
        .unwrap();
    let daemon = host.docker_pid().await.unwrap();
    let mut stdout = tokio::io::stdout();
    stdout
        .write_all(format!("{SIGN}{daemon} {container}\n").as_bytes())
        .await
        .unwrap();
    stdout.flush().await.unwrap();
    tokio::time::sleep(LIMIT).await;
}
