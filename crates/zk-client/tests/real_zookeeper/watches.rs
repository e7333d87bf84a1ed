//! Watches of every kind, through reconnects.

use crate::{
    clients::connect,
    zk::{Zk, connection, reconnected, until},
};
use dockeeper_testbed::{Testbed, wait::soon};
use dockeeper_zk_client::{
    AddWatchMode, Client, CreateMode, EventKind, Multi, Notice, OneShot, Watcher,
};
use futures_util::future::{FutureExt, join, join_all};

const PERSISTENT: CreateMode = CreateMode::Persistent;

async fn fired(one_shot: OneShot) -> (EventKind, String) {
    let event = soon("the watch", one_shot.fired()).await.unwrap();
    (event.kind, event.path)
}

async fn next(watcher: &mut Watcher) -> Option<(EventKind, String)> {
    match soon("a notice", watcher.next()).await.unwrap() {
        Notice::Event(event) => Some((event.kind, event.path)),
        Notice::Resync => None,
    }
}

fn told(kind: EventKind, path: &str) -> (EventKind, String) {
    (kind, path.to_owned())
}

/// How many paths the server watches, as `wchs` says. Since 3.9 a path may have several watches.
async fn watched_paths(testbed: &Testbed) -> usize {
    let answer = testbed.zookeeper().server(0).ask("wchs").await.unwrap();
    let paths = answer.split(" connections watching ").nth(1);
    let count = paths.and_then(|rest| rest.split(' ').next());
    count.unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
}

async fn watched(testbed: &Testbed, count: usize) {
    until(
        &format!("{count} watched paths on the server"),
        async || match watched_paths(testbed).await {
            found if found == count => Ok(()),
            found => Err(found.to_string()),
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_shot_watches_fire_once_and_survive_reconnects() {
    let zk = Zk::start(1).await;
    let writer = zk.client().await;
    for path in [
        "/data",
        "/exists",
        "/deleted",
        "/parent",
        "/parent/old",
        "/quiet",
    ] {
        writer.create(path, "", PERSISTENT).await.unwrap();
    }
    let (proxy, config) = zk.proxied(0).await;
    let client = connect(config).await;
    for round in 0..3 {
        let (_, _, data) = client.get_and_watch("/data").await.unwrap();
        let (stat, exists) = client.exists_and_watch("/exists").await.unwrap();
        assert!(stat.is_some());
        let (stat, created) = client.exists_and_watch("/created").await.unwrap();
        assert_eq!(stat, None);
        let (_, _, deleted) = client.get_and_watch("/deleted").await.unwrap();
        let (_, _, children) = client.list_and_watch("/parent").await.unwrap();
        let (_, _, quiet) = client.get_and_watch("/quiet").await.unwrap();
        let mut quiet = Box::pin(quiet.fired());
        let last = connection(&client);
        match round {
            // Armed again, and then something happens.
            1 => {
                proxy.sever();
                reconnected(&client, last).await;
            }
            // It happens while there is no connection.
            2 => proxy.block(),
            _ => {}
        }
        writer.set("/data", "x", None).await.unwrap();
        writer.set("/exists", "x", None).await.unwrap();
        writer.create("/created", "", PERSISTENT).await.unwrap();
        writer.delete("/deleted", None).await.unwrap();
        writer.create("/parent/new", "", PERSISTENT).await.unwrap();
        proxy.unblock();
        assert_eq!(fired(data).await, told(EventKind::DataChanged, "/data"));
        assert_eq!(fired(exists).await, told(EventKind::DataChanged, "/exists"));
        assert_eq!(fired(created).await, told(EventKind::Created, "/created"));
        assert_eq!(fired(deleted).await, told(EventKind::Deleted, "/deleted"));
        assert_eq!(
            fired(children).await,
            told(EventKind::ChildrenChanged, "/parent")
        );
        writer.delete("/created", None).await.unwrap();
        writer.delete("/parent/new", None).await.unwrap();
        writer.create("/deleted", "", PERSISTENT).await.unwrap();
        client.sync("/").await.unwrap();
        client.exists("/").await.unwrap();
        assert_eq!((&mut quiet).now_or_never(), None);
        // Once: the server has none left but the quiet one, which goes when it is dropped.
        watched(&zk.testbed, 1).await;
        drop(quiet);
        watched(&zk.testbed, 0).await;
    }
    zk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn persistent_watches_survive_reconnects_with_a_resync() {
    let zk = Zk::start(1).await;
    let writer = zk.client().await;
    writer.create_all("/tree/branch", PERSISTENT).await.unwrap();
    let (proxy, config) = zk.proxied(0).await;
    let client = connect(config).await;
    let mut plain = client
        .watch("/tree", AddWatchMode::Persistent)
        .await
        .unwrap();
    let recursive = AddWatchMode::PersistentRecursive;
    let mut below = client.watch("/tree", recursive).await.unwrap();
    let mut absent = client.watch("/absent", recursive).await.unwrap();
    for round in 0..4 {
        for watcher in [&mut plain, &mut below, &mut absent] {
            assert_eq!(next(watcher).await, None, "a resync, round {round}");
        }
        writer.set("/tree", "x", None).await.unwrap();
        writer
            .create("/tree/branch/leaf", "", PERSISTENT)
            .await
            .unwrap();
        writer.create("/tree/new", "", PERSISTENT).await.unwrap();
        writer.delete("/tree/new", None).await.unwrap();
        writer.delete("/tree/branch/leaf", None).await.unwrap();
        writer.create("/absent", "", PERSISTENT).await.unwrap();
        writer.delete("/absent", None).await.unwrap();
        for (kind, path) in [
            (EventKind::DataChanged, "/tree"),
            (EventKind::Created, "/tree/branch/leaf"),
            (EventKind::Created, "/tree/new"),
            (EventKind::Deleted, "/tree/new"),
            (EventKind::Deleted, "/tree/branch/leaf"),
        ] {
            assert_eq!(next(&mut below).await, Some(told(kind, path)));
        }
        for kind in [
            EventKind::DataChanged,
            EventKind::ChildrenChanged,
            EventKind::ChildrenChanged,
        ] {
            assert_eq!(next(&mut plain).await, Some(told(kind, "/tree")));
        }
        for kind in [EventKind::Created, EventKind::Deleted] {
            assert_eq!(next(&mut absent).await, Some(told(kind, "/absent")));
        }
        let last = connection(&client);
        proxy.sever();
        reconnected(&client, last).await;
    }
    // One watch on the server for the two on one path.
    watched(&zk.testbed, 2).await;
    drop(below);
    drop(absent);
    watched(&zk.testbed, 1).await;
    assert_eq!(next(&mut plain).await, None);
    writer.set("/tree", "y", None).await.unwrap();
    assert_eq!(
        next(&mut plain).await,
        Some(told(EventKind::DataChanged, "/tree"))
    );
    drop(plain);
    watched(&zk.testbed, 0).await;
    zk.stop().await;
}

/// On 3.8 a one-shot watch would end the persistent one on the same path.
#[tokio::test(flavor = "multi_thread")]
async fn one_shot_watches_ride_on_persistent_ones() {
    let zk = Zk::start(1).await;
    let client = zk.client().await;
    for mode in [AddWatchMode::Persistent, AddWatchMode::PersistentRecursive] {
        let mut watcher = client.watch("/ride", mode).await.unwrap();
        assert_eq!(next(&mut watcher).await, None);
        let (stat, created) = client.exists_and_watch("/ride").await.unwrap();
        assert_eq!(stat, None);
        client.create("/ride", "", PERSISTENT).await.unwrap();
        assert_eq!(fired(created).await, told(EventKind::Created, "/ride"));
        assert_eq!(
            next(&mut watcher).await,
            Some(told(EventKind::Created, "/ride"))
        );
        for round in 0..3 {
            let (_, _, changed) = client.get_and_watch("/ride").await.unwrap();
            let (_, _, children) = client.list_and_watch("/ride").await.unwrap();
            client.set("/ride", "x", None).await.unwrap();
            assert_eq!(fired(changed).await, told(EventKind::DataChanged, "/ride"));
            let child = format!("/ride/{round}");
            client.create(&child, "", PERSISTENT).await.unwrap();
            assert_eq!(
                fired(children).await,
                told(EventKind::ChildrenChanged, "/ride")
            );
            assert_eq!(
                next(&mut watcher).await,
                Some(told(EventKind::DataChanged, "/ride"))
            );
            let expected = match mode {
                AddWatchMode::Persistent => told(EventKind::ChildrenChanged, "/ride"),
                AddWatchMode::PersistentRecursive => told(EventKind::Created, &child),
            };
            assert_eq!(next(&mut watcher).await, Some(expected));
            client.delete(&child, None).await.unwrap();
            next(&mut watcher).await;
        }

        // The persistent watch's end leaves those that ride on it alone.
        let (_, _, left) = client.get_and_watch("/ride").await.unwrap();
        let (_, _, other) = client.list_and_watch("/ride").await.unwrap();
        drop(watcher);
        client.sync("/").await.unwrap();
        client.delete("/ride", None).await.unwrap();
        assert_eq!(fired(left).await, told(EventKind::Deleted, "/ride"));
        assert_eq!(fired(other).await, told(EventKind::Deleted, "/ride"));
        watched(&zk.testbed, 0).await;
    }
    // However a persistent watch's end and a read that would ride on it meet, the watch fires.
    client.create("/race", "", PERSISTENT).await.unwrap();
    for _ in 0..200 {
        let watcher = client
            .watch("/race", AddWatchMode::Persistent)
            .await
            .unwrap();
        let dropping = async move { drop(watcher) };
        let (read, ()) = join(client.get_and_watch("/race"), dropping).await;
        client.set("/race", "", None).await.unwrap();
        fired(read.unwrap().2).await;
    }
    zk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_comes_before_the_answer_that_shows_the_change() {
    let zk = Zk::start(1).await;
    let client = zk.client().await;
    client.create("/a", "", PERSISTENT).await.unwrap();
    for round in 0..500 {
        let (_, _, one_shot) = client.get_and_watch("/a").await.unwrap();
        client.set("/a", round.to_string(), None).await.unwrap();
        let event = one_shot.fired().now_or_never();
        assert!(
            event.is_some(),
            "the write was answered first, round {round}"
        );
    }
    zk.stop().await;
}

/// Ten thousand watches on long paths are more than one request may arm.
#[tokio::test(flavor = "multi_thread")]
async fn very_many_watches_are_armed_again() {
    const COUNT: usize = 10_000;
    let zk = Zk::start(1).await;
    let writer = zk.client().await;
    let tail = "x".repeat(150);
    let paths: Vec<_> = (0..COUNT).map(|n| format!("/{n:05}{tail}")).collect();
    for hundred in paths.chunks(100) {
        let multi = hundred.iter().fold(Multi::new(), |multi, path| {
            multi.create(path, "", PERSISTENT)
        });
        writer.multi(multi).await.unwrap();
    }
    let (proxy, config) = zk.proxied(0).await;
    let client = connect(config).await;
    let arming = paths.iter().map(|path| client.get_and_watch(path));
    let mut one_shots: Vec<_> = join_all(arming)
        .await
        .into_iter()
        .map(|read| Some(read.unwrap().2))
        .collect();
    let adding = paths[..COUNT / 5].iter();
    let adding = adding.map(|path| client.watch(path, AddWatchMode::Persistent));
    let watchers: Vec<_> = join_all(adding)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let mut count = COUNT;
    for chosen in [[0, COUNT / 2, COUNT - 1], [1, COUNT / 2 + 1, COUNT - 2]] {
        let last = connection(&client);
        proxy.sever();
        reconnected(&client, last).await;
        watched(&zk.testbed, count).await;
        for index in chosen {
            writer.set(&paths[index], "x", None).await.unwrap();
            let fired = fired(one_shots[index].take().unwrap()).await;
            assert_eq!(fired, told(EventKind::DataChanged, &paths[index]));
            count -= usize::from(index >= COUNT / 5);
        }
    }
    assert_eq!(connection(&client), 3);
    drop(one_shots);
    watched(&zk.testbed, COUNT / 5).await;
    drop(watchers);
    watched(&zk.testbed, 0).await;
    assert!(client.exists("/").await.unwrap().is_some());
    zk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_that_nobody_waits_for_any_more_are_forgotten() {
    let zk = Zk::start(1).await;
    let client = zk.client().await;
    let forgotten = |path: &'static str| {
        let client: Client = client.clone();
        async move { drop(client.exists_and_watch(path).await.unwrap()) }
    };
    for _ in 0..100 {
        forgotten("/a").await;
        join(forgotten("/b"), forgotten("/b")).await;
    }
    let (_, kept) = client.exists_and_watch("/a").await.unwrap();
    forgotten("/a").await;
    watched(&zk.testbed, 1).await;
    client.create("/a", "", PERSISTENT).await.unwrap();
    assert_eq!(fired(kept).await, told(EventKind::Created, "/a"));
    watched(&zk.testbed, 0).await;
    zk.stop().await;
}
