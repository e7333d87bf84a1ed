//! Together with Curator.

use crate::{
    contention::{self, Recipe},
    peer::{Peer, start},
    together,
};
use dockeeper_recipes::{Naming, counter::Format, queue::Layout};
use dockeeper_testbed::{Testbed, curator::class_path};
use dockeeper_zk_client::Client;
use std::path::Path;
use tokio::process::Command;

async fn with_curator() -> (Testbed, Client, Peer) {
    let (testbed, client) = start().await;
    let mut java = java("curator/Peer.java");
    java.arg(testbed.zookeeper().connect_string());
    (testbed, client, Peer::start(java).await)
}

fn java(program: &str) -> Command {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_interop");
    let mut java = Command::new("java");
    java.args(["-cp", &class_path().unwrap()])
        .arg(tests.join(program));
    java
}

async fn contend(recipe: Recipe) {
    contention::contend(java("curator/Contend.java"), recipe, Naming::Curator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutex_has_one_holder() {
    contend(Recipe::Mutex).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_is_alone_and_readers_share() {
    contend(Recipe::ReadWrite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_semaphore_has_no_more_holders_than_permits() {
    contend(Recipe::Semaphore).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_latch_has_one_leader() {
    contend(Recipe::Election).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kazoos_names_are_refused_beside_them() {
    let (testbed, client, mut curator) = with_curator().await;
    contention::refuse(&mut curator, &client, Naming::Curator).await;
    curator.stop().await;
    testbed.shutdown().await.unwrap();
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
