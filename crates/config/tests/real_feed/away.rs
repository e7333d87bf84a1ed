//! Without ZooKeeper.

use crate::{
    scenarios::{app, apply, files, new, noise, set},
    world::{LIMIT, World, current, is_known, until, value},
};
use dockeeper_config::host::feed::{FeedError, Known};
use dockeeper_testbed::wait;
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_said_and_nothing_is_missed() {
    let world = World::start().await;
    let feeds = world.feeds();
    feeds.set_session(Some(world.session()));
    new(&world.store, set(&[("N", Some("1"))])).await;
    let feed = feeds.follow(&app());
    current(&feed, 1).await;

    world.proxy.block();
    until(&feed, |known| is_known(known, 1, false)).await;
    new(&world.store, set(&[("N", Some("2"))])).await;
    let error = feed.bundle(2).await.unwrap_err();
    assert!(matches!(error, FeedError::Passing(_)), "{error}");
    world.proxy.unblock();
    current(&feed, 2).await;
    assert_eq!(value(&feed.bundle(2).await), "2");

    for number in 3..=10 {
        world.proxy.sever();
        let text = number.to_string();
        new(&world.store, set(&[("N", Some(&text))])).await;
        current(&feed, number).await;
    }
    // One session after another.
    feeds.set_session(None);
    until(&feed, |known| is_known(known, 10, false)).await;
    feeds.set_session(Some(world.session()));
    current(&feed, 10).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_containers_run_is_there_without_zookeeper() {
    let world = World::start().await;
    let feeds = world.feeds();
    feeds.set_session(Some(world.session()));
    let large = files(&[("noise", noise(1, 3 << 20))]);
    new(&world.store, apply(large.clone())).await;
    new(&world.store, set(&[("N", Some("2"))])).await;
    new(&world.store, set(&[("N", Some("3"))])).await;
    let (feed, other) = (feeds.follow(&app()), feeds.follow(&app()));
    current(&feed, 3).await;
    // Each who follows keeps its own, and the newest is for containers to come.
    feed.keep(&[1].into()).await;
    other.keep(&[2].into()).await;
    assert_eq!(world.contents().len(), 3);
    drop((feed, other, feeds));

    let away = world.feeds();
    let feed = away.follow(&app());
    until(&feed, |known| is_known(known, 3, false)).await;
    assert_eq!(feed.bundle(1).await.unwrap().files, large);
    assert_eq!(value(&feed.bundle(2).await), "2");
    assert_eq!(value(&feed.bundle(3).await), "3");
    let unknown = away.follow(&"other".parse().unwrap());
    until(&unknown, |known| matches!(known, Known::Unknown(_))).await;
    let error = unknown.bundle(1).await.unwrap_err();
    assert!(matches!(error, FeedError::Passing(_)), "{error}");
    // What is there is all there is: nothing goes.
    feed.keep(&[3].into()).await;
    assert_eq!(world.contents().len(), 3);

    // The rollout that is kept follows, and with it what a new container gets.
    away.set_session(Some(world.session()));
    current(&feed, 3).await;
    new(&world.store, set(&[("N", Some("4"))])).await;
    wait::until("the newest release on disk", LIMIT, async || {
        let later = world.feeds();
        let feed = later.follow(&app());
        let known = feed.rollout().borrow().clone();
        match is_known(&known, 4, false) && feed.bundle(4).await.is_ok() {
            true => Ok(()),
            false => Err(format!("{known:?}")),
        }
    })
    .await
    .unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_on_disk_is_fetched_again() {
    let world = World::start().await;
    let content = files(&[("noise", noise(1, 200_000))]);
    new(&world.store, apply(content.clone())).await;
    let feeds = world.feeds();
    feeds.set_session(Some(world.session()));
    let feed = feeds.follow(&app());
    current(&feed, 1).await;
    feed.keep(&[1].into()).await;
    drop((feed, feeds));
    let [path] = <[_; 1]>::try_from(world.contents()).unwrap();
    let sound = fs::read(&path).unwrap();
    let mut flipped = sound.clone();
    flipped[100_000] ^= 1;

    for spoiled in [&sound[..100_000], &flipped, b""] {
        fs::write(&path, spoiled).unwrap();
        let next = world.feeds();
        let feed = next.follow(&app());
        let error = feed.bundle(1).await.unwrap_err();
        assert!(matches!(error, FeedError::Passing(_)), "{error}");
        fs::write(&path, spoiled).unwrap();
        next.set_session(Some(world.session()));
        current(&feed, 1).await;
        assert_eq!(feed.bundle(1).await.unwrap().files, content);
        feed.keep(&[1].into()).await;
        assert_eq!(fs::read(&path).unwrap(), sound);
    }
    world.stop().await;
}
