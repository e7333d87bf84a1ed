//! Together with Curator.

use crate::{
    contention::{self, Recipe},
    peer::World,
    together,
};
use dockeeper_recipes::{Naming, counter::Format, queue::Layout};
use dockeeper_testbed::curator::class_path;
use std::path::Path;
use tokio::process::Command;

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
    let mut world = World::start(java("curator/Peer.java")).await;
    contention::refuse(&mut world, Naming::Curator).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn barriers() {
    let mut world = World::start(java("curator/Peer.java")).await;
    together::barrier(&mut world).await;
    together::double_barrier(&mut world).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counters() {
    let mut world = World::start(java("curator/Peer.java")).await;
    together::counter(&mut world, "shared", Format::SharedCount).await;
    together::counter(&mut world, "long", Format::AtomicLong).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queues() {
    let mut world = World::start(java("curator/Peer.java")).await;
    together::queue(&mut world, "simple", Layout::Curator).await;
    world.stop().await;
}
