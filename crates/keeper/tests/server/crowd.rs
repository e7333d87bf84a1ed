use crate::world::World;
use std::time::Duration;
use tokio::time::{Instant, sleep};

#[tokio::test]
async fn as_many_connections_as_may_be() {
    let world = World::start_with(|config| config.connections_per_address_max = 3).await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(world.session().await);
    }
    let mut refused = world.raw().await;
    assert!(refused.is_closed().await);
    sessions.pop();
    // The server learns of it when it reads the end.
    sleep(Duration::from_millis(100)).await;
    sessions.push(world.session().await);
    let mut refused = world.raw().await;
    assert!(refused.is_closed().await);
}

#[tokio::test]
async fn in_all_too() {
    let world = World::start_with(|config| config.connections_max = 2).await;
    let sessions = (world.session().await, world.session().await);
    assert!(world.raw().await.is_closed().await);
    drop(sessions);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_say_nothing_keep_nobody_out() {
    // As many as this process may have files for: each takes two here.
    const SILENT: usize = 3000;
    let world = World::start_with(|config| {
        config.connections_per_address_max = 0;
        config.connections_max = 1000;
    })
    .await;
    let mut client = world.session().await;
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        silent.push(world.raw().await);
        if silent.len() > 1500 {
            silent.remove(0);
        }
    }
    let began = Instant::now();
    client.call(&crate::raw::create("/a", b"")).await.unwrap();
    let mut late = world.session().await;
    late.call(&crate::raw::get("/a", false)).await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
}
