//! Together with Curator.

use crate::{
    peer::{Peer, start},
    together,
};
use dockeeper_recipes::{counter::Format, queue::Layout};
use dockeeper_testbed::{Testbed, curator::class_path};
use dockeeper_zk_client::Client;
use std::path::Path;
use tokio::process::Command;

async fn with_curator() -> (Testbed, Client, Peer) {
    let (testbed, client) = start().await;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_interop");
    let mut java = Command::new("java");
    java.args(["-cp", &class_path().unwrap()])
        .arg(tests.join("curator/Peer.java"))
        .arg(testbed.zookeeper().connect_string());
    (testbed, client, Peer::start(java).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn barriers() {
    let (testbed, client, mut curator) = with_curator().await;
    together::barrier(&mut curator, &client).await;
    together::double_barrier(&mut curator, &client).await;
    curator.stop().await;
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn counters() {
    let (testbed, client, mut curator) = with_curator().await;
    together::counter(&mut curator, &client, "shared", Format::SharedCount).await;
    together::counter(&mut curator, &client, "long", Format::AtomicLong).await;
    curator.stop().await;
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn queues() {
    let (testbed, client, mut curator) = with_curator().await;
    together::queue(&mut curator, &client, "simple", Layout::Curator).await;
    curator.stop().await;
    testbed.shutdown().await.unwrap();
}
