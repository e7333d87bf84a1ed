//! A server that is cut off from its ensemble answers reads.

use crate::{
    clients::{LIMIT, config, connect},
    zk::{Zk, code, until},
};
use dockeeper_testbed::{Testbed, wait::soon};
use dockeeper_zk_client::{
    Client, Config, CreateMode, ErrorCode, EventKind, State,
    state::{ConnectError, Connected},
};
use std::time::Duration;

const PERSISTENT: CreateMode = CreateMode::Persistent;

/// Three servers, with a znode that each of them has.
async fn start(local_sessions: bool) -> Zk {
    let builder = Testbed::builder().hosts(0).zookeepers(3);
    let builder = builder
        .java_flag("-Dreadonlymode.enabled=true")
        .zookeeper_option("localSessionsEnabled", local_sessions.to_string());
    let zk = Zk {
        testbed: builder.start().await.unwrap(),
    };
    let client = zk.client().await;
    client.create("/a", "old", PERSISTENT).await.unwrap();
    client.close().await;
    for server in zk.testbed.zookeeper().servers() {
        let one = connect(config(&server.address().to_string())).await;
        one.sync("/").await.unwrap();
        one.close().await;
    }
    zk
}

fn modest(zk: &Zk) -> Config {
    Config {
        allow_read_only: true,
        ..zk.config()
    }
}

/// Leaves the first server alone.
async fn isolate(zk: &Zk) {
    let ensemble = zk.testbed.zookeeper();
    for server in [1, 2] {
        ensemble.server(server).kill().await.unwrap();
    }
    // It takes writes until it notices.
    until("a lonely server", async || {
        match ensemble.server(0).ask("isro").await {
            Ok(answer) if answer.trim() == "ro" => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}

async fn connected(client: &Client, wanted: impl Fn(&Connected) -> bool) -> Connected {
    until("a connection", async || match &*client.state().borrow() {
        State::Connected(connected) if wanted(connected) => Ok(connected.clone()),
        other => Err(format!("{other:?}")),
    })
    .await
}

/// Reads, then finds its way back to a server that takes writes.
async fn reads_and_returns(zk: &Zk, reader: &Client) {
    let (data, _, fired) = reader.get_and_watch("/a").await.unwrap();
    assert_eq!(data, "old");
    let refused = reader.set("/a", "new", None).await;
    assert_eq!(code(refused), ErrorCode::NotReadOnly);
    zk.testbed.zookeeper().start_all().await.unwrap();
    connected(reader, |connected| !connected.is_read_only).await;
    until("a write", async || {
        let written = reader.set("/a", "new", None).await;
        written.map(drop).map_err(|error| error.to_string())
    })
    .await;
    let event = soon("the watch", fired.fired()).await.unwrap();
    assert_eq!(
        (event.kind, event.path.as_str()),
        (EventKind::DataChanged, "/a")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_local_sessions_none_begins_at_a_lonely_server() {
    let zk = start(false).await;
    isolate(&zk).await;
    let client = Client::connect(modest(&zk));
    let refused = until("a refusal", async || match &*client.state().borrow() {
        State::Connecting { attempts } => {
            let mut errors = attempts.iter().map(|attempt| &attempt.error);
            match errors.find(|error| **error == ConnectError::ReadOnly) {
                Some(error) => Ok(error.to_string()),
                None => Err(format!("{attempts:?}")),
            }
        }
        other => panic!("{other:?}"),
    });
    assert!(refused.await.contains("read-only"));
    client.close().await;
    zk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_begins_at_a_lonely_server() {
    let zk = start(true).await;
    isolate(&zk).await;
    let reader = Client::connect(modest(&zk));
    let found = reader.connected(LIMIT).await.unwrap();
    assert!(found.is_read_only);
    assert_eq!(reader.session(), None, "nobody else knows that session");
    // Who wants to write is not served there.
    let strict = Client::connect(zk.config());
    assert!(strict.connected(Duration::from_secs(2)).await.is_err());
    reads_and_returns(&zk, &reader).await;
    assert!(reader.session().is_some());
    reader.close().await;
    strict.close().await;
    zk.stop().await;
}
