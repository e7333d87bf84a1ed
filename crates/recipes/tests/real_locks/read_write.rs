//! Who may read and write at the same time, and who waits for whom.

use crate::world::{World, named, outcome};
use dockeeper_recipes::{Error, Held, Naming, rwlock};
use std::time::Duration;
use tokio::{task::JoinHandle, time::timeout};

const LOCK: &str = "/locks/shared";

/// Long against what a grant takes. That it has not come is the expectation, so a slow machine
/// cannot fail the test by it.
const MOMENT: Duration = Duration::from_millis(300);

type Contender = JoinHandle<Result<Held, Error>>;

async fn contend(world: &World, naming: Naming, is_shared: bool, place: usize) -> Contender {
    let client = world.client().await;
    let contender = tokio::spawn(async move {
        let options = named(naming);
        if is_shared {
            rwlock::acquire_shared(&client, LOCK, &options).await
        } else {
            rwlock::acquire_exclusive(&client, LOCK, &options).await
        }
    });
    world.has_children(LOCK, place).await;
    contender
}

async fn waits(contender: &mut Contender) {
    let granted = timeout(MOMENT, contender).await;
    assert!(granted.is_err(), "{granted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_share_and_do_not_overtake_a_writer() {
    let world = World::start().await;
    for naming in [Naming::Curator, Naming::Kazoo] {
        let first = contend(&world, naming, true, 1).await;
        let second = contend(&world, naming, true, 2).await;
        let first = outcome("the first reader", first).await.unwrap();
        let second = outcome("the second reader", second).await.unwrap();
        let mut writer = contend(&world, naming, false, 3).await;
        let mut third = contend(&world, naming, true, 4).await;
        let mut fourth = contend(&world, naming, true, 5).await;
        let mut last = contend(&world, naming, false, 6).await;
        waits(&mut writer).await;
        waits(&mut third).await;

        // The writer waits for all the readers before it, whatever order they leave in.
        second.release().await.unwrap();
        waits(&mut writer).await;
        first.release().await.unwrap();
        let writer = outcome("the writer", writer).await.unwrap();
        waits(&mut third).await;
        waits(&mut fourth).await;

        writer.release().await.unwrap();
        let third = outcome("a reader behind the writer", third).await.unwrap();
        let fourth = outcome("the other one", fourth).await.unwrap();
        waits(&mut last).await;
        third.release().await.unwrap();
        waits(&mut last).await;
        fourth.release().await.unwrap();
        let last = outcome("the last writer", last).await.unwrap();
        last.release().await.unwrap();
        assert_eq!(world.children(LOCK).await, [""; 0]);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_gives_up_lets_the_readers_behind_it_through() {
    let world = World::start().await;
    let reader = contend(&world, Naming::Curator, true, 1).await;
    let reader = outcome("the reader", reader).await.unwrap();
    let mut writer = contend(&world, Naming::Curator, false, 2).await;
    let mut behind = contend(&world, Naming::Curator, true, 3).await;
    waits(&mut writer).await;
    waits(&mut behind).await;
    writer.abort();
    outcome("the reader behind", behind).await.unwrap();
    reader.release().await.unwrap();
    world.stop().await;
}
