//! Together with kazoo.

use crate::{
    contention::{self, Recipe},
    peer::World,
    together,
};
use dockeeper_recipes::{Naming, counter::Format, queue::Layout};
use std::path::Path;
use tokio::process::Command;

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
    let mut world = World::start(python("kazoo/peer.py")).await;
    contention::refuse(&mut world, Naming::Kazoo).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn barriers() {
    let mut world = World::start(python("kazoo/peer.py")).await;
    together::barrier(&mut world).await;
    together::double_barrier(&mut world).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counters() {
    let mut world = World::start(python("kazoo/peer.py")).await;
    together::counter(&mut world, "text", Format::Kazoo).await;
    together::counter(&mut world, "shared", Format::SharedCount).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queues() {
    let mut world = World::start(python("kazoo/peer.py")).await;
    together::queue(&mut world, "plain", Layout::Kazoo).await;
    together::queue(&mut world, "locking", Layout::KazooLocking).await;
    world.stop().await;
}
