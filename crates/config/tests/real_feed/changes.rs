//! With ZooKeeper.

use crate::{
    scenarios::{app, apply, files, new, noise, set},
    world::{LIMIT, World, current, is_known, until, value},
};
use dockeeper_config::{
    host::feed::{FeedError, Known},
    store::Removal,
};
use dockeeper_model::layout;
use futures_util::future::join_all;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// What a release takes on a machine that does nothing else is a few milliseconds; this is well below
/// the shortest interval of polling that anybody would choose.
const SOON: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_known_at_once() {
    let world = World::start().await;
    let feeds = world.feeds();
    feeds.set_session(Some(world.direct()));
    let feed = feeds.follow(&app());
    until(&feed, |known| *known == Known::NoSuchApp).await;
    let mut latencies = Vec::new();
    for number in 1..=20 {
        let text = number.to_string();
        new(&world.store, set(&[("N", Some(&text))])).await;
        let published = Instant::now();
        current(&feed, number).await;
        assert_eq!(value(&feed.bundle(number).await), text);
        latencies.push(published.elapsed());
    }
    latencies.sort_unstable();
    println!("p50 {:?}, max {:?}", latencies[10], latencies[19]);
    assert!(latencies[10] < SOON, "{latencies:?}");
    // Older ones too, and none that is not there.
    assert_eq!(value(&feed.bundle(3).await), "3");
    let missing = feed.bundle(99).await.unwrap_err();
    assert!(matches!(missing, FeedError::Lasting(_)), "{missing}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_release_is_fetched_once_for_all_who_ask() {
    let world = World::start().await;
    let feeds = world.feeds();
    feeds.set_session(Some(world.session()));
    let content = files(&[("noise", noise(1, 3 << 20))]);
    let release = new(&world.store, apply(content.clone())).await;
    let handles = [(); 20].map(|()| feeds.follow(&app()));
    current(&handles[19], 1).await;
    let bundles = join_all(handles.iter().map(|feed| feed.bundle(1))).await;
    let first = bundles[0].as_ref().unwrap();
    assert_eq!(first.files, content);
    for bundle in &bundles {
        assert!(std::sync::Arc::ptr_eq(first, bundle.as_ref().unwrap()));
    }

    // A damaged blob is nobody's content.
    let path = layout::blob(&release.manifest);
    world.client.set(&path, "damaged", None).await.unwrap();
    let fresh = world.feeds();
    fresh.set_session(Some(world.session()));
    let feed = fresh.follow(&app());
    current(&feed, 1).await;
    let error = feed.bundle(1).await.unwrap_err();
    assert!(
        matches!(&error, FeedError::Lasting(why) if why.starts_with(&path)),
        "{error}"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_made_again_has_new_releases_of_the_same_numbers() {
    let world = World::start().await;
    let feeds = world.feeds();
    feeds.set_session(Some(world.session()));
    let feed = feeds.follow(&app());
    for round in ["first", "second", "third"] {
        new(&world.store, set(&[("N", Some(round))])).await;
        current(&feed, 1).await;
        assert_eq!(value(&feed.bundle(1).await), round);
        feed.keep(&[1].into()).await;
        assert_eq!(world.contents().len(), 1, "{round}");
        world.store.remove(&app(), Removal::Careful).await.unwrap();
        until(&feed, |known| *known == Known::NoSuchApp).await;
    }
    new(&world.store, set(&[("N", Some("last"))])).await;
    // What is on disk is of another app of the same name.
    let fresh = world.feeds();
    let feed = fresh.follow(&app());
    assert_eq!(value(&feed.bundle(1).await), "third");
    fresh.set_session(Some(world.session()));
    current(&feed, 1).await;
    assert_eq!(value(&feed.bundle(1).await), "last");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_followed_only_while_somebody_wants_it() {
    let world = World::start().await;
    let feeds = world.feeds();
    let session = world.session();
    feeds.set_session(Some(session.clone()));
    new(&world.store, set(&[("N", Some("1"))])).await;
    let feed = feeds.follow(&app());
    let other = feed.clone();
    current(&feed, 1).await;
    let mut known = other.rollout();
    drop(feed);
    new(&world.store, set(&[("N", Some("2"))])).await;
    current(&other, 2).await;
    drop(other);
    let ended = async { while known.changed().await.is_ok() {} };
    timeout(LIMIT, ended).await.unwrap();
    assert!(is_known(&known.borrow(), 2, true));
    world.stop().await;
}
