//! Many requests at once.

use crate::{
    clients::{LIMIT, connect},
    zk::Zk,
};
use dockeeper_testbed::wait::soon;
use dockeeper_zk_client::{Client, Config, CreateMode, ErrorKind, error::NotSent};
use futures_util::future::join_all;
use std::time::Duration;
use tokio::time::Instant;

const COUNT: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn answers_come_in_the_order_of_the_calls() {
    let zk = Zk::start(1).await;
    let client = zk.client().await;
    let mode = CreateMode::PersistentSequential;
    let creates = (0..COUNT).map(|_| client.create("/n-", "", mode));
    for (number, created) in join_all(creates).await.into_iter().enumerate() {
        assert_eq!(created.unwrap().path, format!("/n-{number:010}"));
    }
    // The caller of a write reads it, whoever asks on the same client.
    for round in 0..100 {
        let text = round.to_string();
        let set = client.set("/n-0000000000", text.clone(), None);
        let get = client.get("/n-0000000000");
        let (set, get) = futures_util::future::join(set, get).await;
        assert_eq!(get.unwrap(), (text.into(), set.unwrap()));
    }
    zk.stop().await;
}

/// Requests made without a connection wait for it, in order; those that wait too long were never
/// sent, and nobody pays for them.
#[tokio::test(flavor = "multi_thread")]
async fn requests_wait_for_the_connection() {
    let zk = Zk::start(1).await;
    let (proxy, config) = zk.proxied(0).await;
    proxy.block();
    let client = Client::connect(config.clone());
    let mode = CreateMode::PersistentSequential;
    let creates = (0..COUNT).map(|_| client.create("/n-", "", mode));
    let (created, ()) = futures_util::future::join(join_all(creates), async {
        tokio::task::yield_now().await;
        proxy.unblock();
    })
    .await;
    for (number, created) in created.into_iter().enumerate() {
        assert_eq!(created.unwrap().path, format!("/n-{number:010}"));
    }

    let patience = Duration::from_millis(500);
    let hasty = connect(Config {
        request_timeout: patience,
        ..config
    })
    .await;
    proxy.block();
    let mut state = hasty.state();
    let lost = state.wait_for(|state| !matches!(state, dockeeper_zk_client::State::Connected(_)));
    drop(soon("the connection's loss", lost).await);
    let began = Instant::now();
    let failed = join_all((0..COUNT).map(|_| hasty.create("/late-", "", mode))).await;
    assert!(began.elapsed() < LIMIT / 3, "{:?}", began.elapsed());
    for result in failed {
        let error = result.unwrap_err();
        let kind = error.kind();
        assert!(
            matches!(kind, ErrorKind::NotSent(NotSent::Deadline { .. })),
            "{error}"
        );
        assert!(error.is_disconnected());
    }
    proxy.unblock();
    hasty.connected(LIMIT).await.unwrap();
    assert_eq!(hasty.list("/").await.unwrap().0.len(), COUNT + 1);
    zk.stop().await;
}
