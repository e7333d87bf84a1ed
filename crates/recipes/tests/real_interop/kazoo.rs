//! Together with kazoo.

use crate::{
    contention::{self, Recipe},
    peer::{Peer, start},
    together,
};
use dockeeper_recipes::{Naming, counter::Format, queue::Layout};
use dockeeper_testbed::Testbed;
use dockeeper_zk_client::Client;
use std::path::Path;
use tokio::process::Command;

async fn with_kazoo() -> (Testbed, Client, Peer) {
    let (testbed, client) = start().await;
    let mut python = python("kazoo/peer.py");
    python.arg(testbed.zookeeper().connect_string());
    (testbed, client, Peer::start(python).await)
}

fn python(program: &str) -> Command {
    let python = std::env::var("DOCKEEPER_KAZOO_PYTHON");
    let python = python.expect("DOCKEEPER_KAZOO_PYTHON, which `cargo xtask test` sets");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_interop");
    let mut command = Command::new(python);
    command
        .arg(tests.join(program))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

async fn contend(recipe: Recipe) {
    contention::contend(python("kazoo/contend.py"), recipe, Naming::Kazoo).await;
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
async fn an_election_has_one_leader() {
    contend(Recipe::Election).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn curators_names_are_refused_beside_them() {
    let (testbed, client, mut kazoo) = with_kazoo().await;
    contention::refuse(&mut kazoo, &client, Naming::Kazoo).await;
    kazoo.stop().await;
    testbed.shutdown().await.unwrap();
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
