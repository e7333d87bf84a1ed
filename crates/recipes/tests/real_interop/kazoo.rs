//! Together with kazoo.

use crate::{
    peer::{Peer, start},
    together,
};
use dockeeper_recipes::{counter::Format, queue::Layout};
use dockeeper_testbed::Testbed;
use dockeeper_zk_client::Client;
use std::path::Path;
use tokio::process::Command;

async fn with_kazoo() -> (Testbed, Client, Peer) {
    let python = std::env::var("DOCKEEPER_KAZOO_PYTHON");
    let python = python.expect("DOCKEEPER_KAZOO_PYTHON, which `cargo xtask test` sets");
    let (testbed, client) = start().await;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_interop");
    let mut program = Command::new(python);
    program
        .arg(tests.join("kazoo/peer.py"))
        .arg(testbed.zookeeper().connect_string())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    (testbed, client, Peer::start(program).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn barriers() {
    let (testbed, client, mut kazoo) = with_kazoo().await;
    together::barrier(&mut kazoo, &client).await;
    together::double_barrier(&mut kazoo, &client).await;
    kazoo.stop().await;
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn counters() {
    let (testbed, client, mut kazoo) = with_kazoo().await;
    together::counter(&mut kazoo, &client, "text", Format::Kazoo).await;
    together::counter(&mut kazoo, &client, "shared", Format::SharedCount).await;
    kazoo.stop().await;
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn queues() {
    let (testbed, client, mut kazoo) = with_kazoo().await;
    together::queue(&mut kazoo, &client, "plain", Layout::Kazoo).await;
    together::queue(&mut kazoo, &client, "locking", Layout::KazooLocking).await;
    kazoo.stop().await;
    testbed.shutdown().await.unwrap();
}
