//! Sessions begin, move, and end in every way.

use crate::{
    clients::{LIMIT, SESSION, SHORT, connect, ended},
    zk::{Zk, connection, reconnected, until},
};
use dockeeper_testbed::wait::soon;
use dockeeper_zk_client::{
    AddWatchMode, Client, Config, CreateMode, Ended, ErrorKind, Notice, SavedSession,
    error::NotSent,
};
use std::{fs, time::Duration};
use tokio::time::Instant;

async fn exists(client: &Client, path: &str) -> bool {
    client.exists(path).await.unwrap().is_some()
}

async fn gone(client: &Client, path: &str) {
    until("the ephemeral is gone", async || {
        if exists(client, path).await {
            Err("it is there".to_owned())
        } else {
            Ok(())
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_in_another_client() {
    let zk = Zk::start(1).await;
    let observer = zk.client().await;
    let first = connect(zk.config()).await;
    first.create("/e", "", CreateMode::Ephemeral).await.unwrap();
    let saved = first.session().unwrap();

    // The newer connection wins, and the server closes the older one.
    let second = Client::resume(zk.config(), saved.clone());
    let connected = second.connected(LIMIT).await.unwrap();
    assert_eq!(connected.session_id, saved.id);
    // It takes the session back at once: that is what both do until one gives it up.
    reconnected(&first, 1).await;
    first.detach().await;
    assert_eq!(second.ephemerals("/").await.unwrap(), ["/e"]);

    // A detached session lives on, and so does one whose client is gone without a word.
    second.detach().await;
    assert!(exists(&observer, "/e").await);
    let third = Client::resume(zk.config(), saved.clone());
    third.connected(LIMIT).await.unwrap();
    drop(third);
    let fourth = Client::resume(zk.config(), saved.clone());
    assert_eq!(fourth.connected(LIMIT).await.unwrap().session_id, saved.id);
    assert!(exists(&observer, "/e").await);

    fourth.close().await;
    assert!(!exists(&observer, "/e").await, "gone when close returns");
    let late = Client::resume(zk.config(), saved.clone());
    assert_eq!(ended(&late).await, Ended::Expired);
    let guessed = SavedSession {
        id: observer.session().unwrap().id,
        ..saved
    };
    let guessed = Client::resume(zk.config(), guessed);
    assert_eq!(ended(&guessed).await, Ended::Expired);
    zk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_expires_and_everybody_is_told() {
    let zk = Zk::start(1).await;
    let observer = zk.client().await;
    let (proxy, config) = zk.proxied(0).await;
    let config = Config {
        session_timeout: SHORT,
        ..config
    };
    let client = connect(config.clone()).await;
    client
        .create("/e", "", CreateMode::Ephemeral)
        .await
        .unwrap();
    let (_, one_shot) = client.exists_and_watch("/x").await.unwrap();
    let mut watcher = client
        .watch("/", AddWatchMode::PersistentRecursive)
        .await
        .unwrap();
    assert_eq!(soon("resync", watcher.next()).await, Some(Notice::Resync));

    proxy.block();
    gone(&observer, "/e").await;
    proxy.unblock();
    assert_eq!(ended(&client).await, Ended::Expired);
    assert_eq!(soon("fired", one_shot.fired()).await, Err(Ended::Expired));
    assert_eq!(soon("the watcher's end", watcher.next()).await, None);
    let error = client.get("/").await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NotSent(NotSent::Expired));

    let next = connect(config).await;
    next.create("/e", "", CreateMode::Ephemeral).await.unwrap();
    let (_, one_shot) = next.exists_and_watch("/x").await.unwrap();
    let waiting = tokio::spawn(one_shot.fired());
    next.close().await;
    assert_eq!(waiting.await.unwrap(), Err(Ended::Closed));
    zk.stop().await;
}

/// Servers whose data are gone are behind what the session has seen, and hang up without a word.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_servers_data() {
    let zk = Zk::start(1).await;
    let server = zk.testbed.zookeeper().server(0);
    let client = zk.client().await;
    for path in ["/a", "/b", "/c"] {
        client
            .create(path, "", CreateMode::Ephemeral)
            .await
            .unwrap();
    }
    server.stop().await.unwrap();
    // Apache's server keeps its name beside its data, and needs it.
    for entry in fs::read_dir(server.node().directory().join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else if path.file_name() != Some("myid".as_ref()) {
            fs::remove_file(path).unwrap();
        }
    }
    server.start().await.unwrap();
    assert_eq!(ended(&client).await, Ended::Expired);
    let next = zk.client().await;
    assert!(!exists(&next, "/a").await);
    zk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_client_leaves_its_ephemerals_until_the_time_out() {
    let zk = Zk::start(1).await;
    let observer = zk.client().await;
    let client = connect(Config {
        session_timeout: SHORT,
        ..zk.config()
    })
    .await;
    client
        .create("/e", "", CreateMode::Ephemeral)
        .await
        .unwrap();
    let dropped = Instant::now();
    drop(client);
    gone(&observer, "/e").await;
    // The server hears nothing at the end: the time-out runs from the last request.
    assert!(dropped.elapsed() >= SHORT / 2, "{:?}", dropped.elapsed());
    zk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_session_lives_and_a_lost_connection_is_replaced() {
    let zk = Zk::start(1).await;
    let (proxy, config) = zk.proxied(0).await;
    let client = connect(Config {
        session_timeout: SHORT,
        request_timeout: Duration::from_millis(500),
        ..config
    })
    .await;
    client
        .create("/e", "", CreateMode::Ephemeral)
        .await
        .unwrap();
    let mut state = client.state();
    state.mark_unchanged();
    let idle = tokio::time::timeout(SHORT * 2, state.changed()).await;
    assert!(
        idle.is_err(),
        "an idle connection was lost: {:?}",
        state.borrow()
    );
    for _ in 0..10 {
        let last = connection(&client);
        let severed = Instant::now();
        proxy.sever();
        reconnected(&client, last).await;
        assert!(severed.elapsed() < SESSION / 4, "{:?}", severed.elapsed());
    }
    assert_eq!(client.ephemerals("/").await.unwrap(), ["/e"]);
    // A server that cannot be told does not keep the owner waiting for ever.
    proxy.block();
    let closing = Instant::now();
    client.close().await;
    assert!(closing.elapsed() < LIMIT / 3);
    zk.stop().await;
}
