//! Barriers of both kinds.

use crate::{SHORT, becomes_empty, start, through, while_cut};
use dockeeper_recipes::{Barrier, DoubleBarrier, double_barrier};
use dockeeper_testbed::wait::soon;
use dockeeper_zk_client::{Client, CreateMode};
use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{task::JoinSet, time::timeout};

const MEMBERS: usize = 4;

/// Long enough for what must not happen to happen.
const MOMENT: Duration = Duration::from_millis(200);

fn members() -> NonZeroUsize {
    NonZeroUsize::new(MEMBERS).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_barrier_holds_until_it_is_opened() {
    let (testbed, proxy, direct) = start().await;
    let client = Client::connect(through(&proxy, SHORT * 8));
    let (near, far) = (
        Barrier::new(&direct, "/barriers/a/b"),
        Barrier::new(&client, "/barriers/a/b"),
    );
    soon("an open barrier", far.opened()).await.unwrap();
    for seed in 0..5 {
        near.close("first").await.unwrap();
        near.close("second").await.unwrap();
        assert_eq!(direct.get("/barriers/a/b").await.unwrap().0, "first");
        let waiting = while_cut(&proxy, seed, timeout(MOMENT, far.opened()));
        assert!(waiting.await.is_err(), "it is closed");
        assert!(far.is_closed().await.unwrap());
        let opening = async { tokio::join!(far.opened(), near.open()) };
        let (opened, open) = while_cut(&proxy, seed, opening).await;
        opened.and(open).unwrap();
        near.open().await.unwrap();
        while_cut(&proxy, seed, far.close("")).await.unwrap();
        while_cut(&proxy, seed, far.open()).await.unwrap();
        assert!(!near.is_closed().await.unwrap());
    }
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_enter_a_double_barrier_and_all_leave_it_through_lost_connections() {
    const ROUNDS: usize = 5;
    let (testbed, proxy, direct) = start().await;
    let (arrived, left) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut participants = JoinSet::new();
    for _ in 0..MEMBERS {
        let client = Client::connect(through(&proxy, SHORT * 8));
        let (arrived, left) = (arrived.clone(), left.clone());
        participants.spawn(async move {
            for round in 1..=ROUNDS {
                // A path for each round: who is slow to leave may not be taken for one who enters.
                let path = format!("/double/{round}");
                let barrier = DoubleBarrier::new(&client, &path, members());
                arrived.fetch_add(1, Ordering::SeqCst);
                let inside = barrier.enter("somebody").await.unwrap();
                assert!(arrived.load(Ordering::SeqCst) >= round * MEMBERS);
                left.fetch_add(1, Ordering::SeqCst);
                inside.leave().await.unwrap();
                assert!(left.load(Ordering::SeqCst) >= round * MEMBERS);
            }
        });
    }
    while_cut(&proxy, 7, async {
        while let Some(participant) = participants.join_next().await {
            participant.unwrap();
        }
    })
    .await;
    for round in 1..=ROUNDS {
        becomes_empty(&direct, &format!("/double/{round}")).await;
    }
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_is_not_counted() {
    let (testbed, _proxy, direct) = start().await;
    let barrier = DoubleBarrier::new(&direct, "/double", members());
    for _ in 1..MEMBERS {
        let entering = timeout(MOMENT, barrier.enter(""));
        assert!(entering.await.is_err(), "the others are missing");
    }
    becomes_empty(&direct, "/double").await;

    // All sessions ended inside: what they left lets nobody in.
    let ready = "/double/ready";
    let mode = CreateMode::Persistent;
    direct.create_all(ready, mode).await.unwrap();
    let entering = timeout(MOMENT, barrier.enter(""));
    assert!(entering.await.is_err(), "the others are missing");
    becomes_empty(&direct, "/double").await;

    direct
        .create_all("/double/lock-0000000001", mode)
        .await
        .unwrap();
    let refused = soon("the refusal", barrier.enter("")).await.unwrap_err();
    let double_barrier::Error::Foreign { name, .. } = refused else {
        panic!("{refused}");
    };
    assert_eq!(name, "lock-0000000001");
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_participant_whose_session_ends_is_waited_for_no_longer() {
    let (testbed, _proxy, direct) = start().await;
    let two = NonZeroUsize::new(2).unwrap();
    let server = testbed.zookeeper().connect_string();
    let other = Client::connect(dockeeper_zk_client::Config::new(server.parse().unwrap()));
    let (one, another) = (
        DoubleBarrier::new(&direct, "/double", two),
        DoubleBarrier::new(&other, "/double", two),
    );
    let entering = async { tokio::try_join!(one.enter(""), another.enter("")) };
    let (inside, dying) = soon("both", entering).await.unwrap();
    let leaving = tokio::spawn(inside.leave());
    other.close().await;
    soon("the survivor", leaving).await.unwrap().unwrap();
    assert!(soon("the dead one", dying.leave()).await.is_err());
    becomes_empty(&direct, "/double").await;
    testbed.shutdown().await.unwrap();
}
