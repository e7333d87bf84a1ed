//! Queues in all layouts.

use crate::{LIMIT, SHORT, becomes_empty, start, through, while_cut};
use dockeeper_recipes::{
    Queue,
    queue::{Error, Layout},
};
use dockeeper_testbed::wait::{self, soon};
use dockeeper_zk_client::{Client, Config, path};
use fastrand::Rng;
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::timeout};

const LAYOUTS: [Layout; 3] = [Layout::Curator, Layout::Kazoo, Layout::KazooLocking];

/// Where claims lie.
fn claims(queue: &str, layout: Layout) -> String {
    match layout {
        Layout::Curator | Layout::Kazoo => format!("{queue}-claims"),
        Layout::KazooLocking => queue.to_owned(),
    }
}

async fn nothing_is_left(client: &Client, queue: &str, layout: Layout) {
    for place in ["entries", "taken", "receipts"] {
        becomes_empty(client, &path::join(&claims(queue, layout), place)).await;
    }
    if layout != Layout::KazooLocking {
        becomes_empty(client, queue).await;
    }
}

async fn take(queue: &Queue) -> String {
    let claim = soon("an element", queue.take()).await.unwrap();
    let data = String::from_utf8(claim.data().to_vec()).unwrap();
    claim.finish().await.unwrap();
    data
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_come_in_order_and_are_given_back() {
    let (testbed, proxy, direct) = start().await;
    for layout in LAYOUTS {
        let path = format!("/queues/{layout:?}");
        let queue = Queue::new(&direct, &path, layout);
        assert!(queue.try_take().await.unwrap().is_none());
        for data in ["a", "b", "c"] {
            queue.put(data).await.unwrap();
        }
        let first = queue.take().await.unwrap();
        let second = queue.take().await.unwrap();
        assert_eq!(
            (&first.data()[..], &second.data()[..]),
            (&b"a"[..], &b"b"[..])
        );
        first.give_back().await.unwrap();
        assert_eq!(take(&queue).await, "a");
        second.finish().await.unwrap();
        assert_eq!(take(&queue).await, "c");
        assert!(queue.try_take().await.unwrap().is_none());

        // Somebody waits; somebody's session ends with a claim.
        let client = Client::connect(through(&proxy, SHORT * 8));
        let claim = {
            let far = Queue::new(&client, &path, layout);
            let taking = tokio::spawn(async move { far.take().await });
            queue.put("d").await.unwrap();
            soon("an element", taking).await.unwrap().unwrap()
        };
        assert!(
            timeout(Duration::from_millis(200), queue.take())
                .await
                .is_err()
        );
        client.close().await;
        assert_eq!(take(&queue).await, "d");
        let error = claim.finish().await.unwrap_err();
        assert!(
            matches!(&error, Error::ZooKeeper(e) if e.is_session_over()),
            "{error}"
        );

        // A claim that is dropped is given back.
        queue.put("e").await.unwrap();
        drop(queue.take().await.unwrap());
        assert_eq!(take(&queue).await, "e");
        nothing_is_left(&direct, &path, layout).await;
    }
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn priorities_and_foreign_children() {
    let (testbed, _proxy, direct) = start().await;
    for layout in [Layout::Kazoo, Layout::KazooLocking] {
        let queue = Queue::new(&direct, &format!("/queues/{layout:?}"), layout);
        queue.put("middle").await.unwrap();
        queue.put_with_priority("late", 101).await.unwrap();
        queue.put_with_priority("soon", 0).await.unwrap();
        for expected in ["soon", "middle", "late"] {
            assert_eq!(take(&queue).await, expected);
        }
        let refused = queue.put_with_priority("", 1000).await;
        assert!(
            matches!(refused, Err(Error::Priority { .. })),
            "{refused:?}"
        );
    }
    let queue = Queue::new(&direct, "/queues/Kazoo", Layout::Curator);
    let refused = queue.put_with_priority("", 1).await;
    assert!(
        matches!(refused, Err(Error::Priority { .. })),
        "{refused:?}"
    );
    // The layout is another one than that of the other takers.
    Queue::new(&direct, "/queues/Kazoo", Layout::Kazoo)
        .put("")
        .await
        .unwrap();
    let refused = soon("the refusal", queue.take()).await.unwrap_err();
    assert!(matches!(refused, Error::Foreign { .. }), "{refused}");
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_somebody_deletes_is_lost() {
    let (testbed, _proxy, direct) = start().await;
    let queue = Queue::new(&direct, "/queue", Layout::Curator);
    queue.put("x").await.unwrap();
    let claim = queue.take().await.unwrap();
    let taken = format!("/queue-claims/taken/{}", claim.name());
    direct.delete(&taken, None).await.unwrap();
    let lost = claim.finish().await.unwrap_err();
    assert!(matches!(lost, Error::Lost(_)), "{lost}");
    assert_eq!(take(&queue).await, "x");
    testbed.shutdown().await.unwrap();
}

/// How often each element was delivered and finished.
type Ledger = Arc<Mutex<HashMap<String, (usize, usize)>>>;

/// Takes elements with one session after the other, some of which end with a claim.
async fn consume(config: Config, path: String, layout: Layout, ledger: Ledger, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    loop {
        let client = Client::connect(config.clone());
        let queue = Queue::new(&client, &path, layout);
        for _ in 0..rng.usize(1..20) {
            // Cancelled at any time now and then.
            let patience = Duration::from_millis(rng.u64(1..300));
            let Ok(taken) = timeout(patience, queue.take()).await else {
                continue;
            };
            let claim = taken.unwrap();
            let data = String::from_utf8(claim.data().to_vec()).unwrap();
            ledger.lock().entry(data.clone()).or_default().0 += 1;
            match rng.u8(0..10) {
                0 => drop(claim),
                1 => claim.give_back().await.unwrap(),
                _ => {
                    claim.finish().await.unwrap();
                    ledger.lock().entry(data).or_default().1 += 1;
                }
            }
        }
        // With a claim more often than not.
        let claim = timeout(Duration::from_millis(50), queue.take()).await;
        client.close().await;
        drop(claim);
    }
}

async fn produce(client: Client, path: String, layout: Layout, names: Vec<String>) {
    let queue = Queue::new(&client, &path, layout);
    for name in names {
        queue.put(name).await.unwrap();
    }
}

/// Some put and some take at the same time, with requests that are given up early.
pub(crate) async fn exchange(config: Config, direct: &Client, layout: Layout) {
    const PRODUCERS: usize = 3;
    const CONSUMERS: u64 = 3;
    const ELEMENTS: usize = 40;
    let path = format!("/queues/{layout:?}");
    let config = Config {
        request_timeout: Duration::from_millis(150),
        ..config
    };
    let ledger = Ledger::default();
    let mut consumers = JoinSet::new();
    for seed in 0..CONSUMERS {
        let (config, path, ledger) = (config.clone(), path.clone(), ledger.clone());
        consumers.spawn(consume(config, path, layout, ledger, seed));
    }
    let mut producers = JoinSet::new();
    for producer in 0..PRODUCERS {
        let names = (0..ELEMENTS).map(|element| format!("{producer}-{element}"));
        let client = Client::connect(config.clone());
        producers.spawn(produce(client, path.clone(), layout, names.collect()));
    }
    while let Some(producer) = producers.join_next().await {
        producer.unwrap();
    }
    wait::until("all elements to be finished", LIMIT * 2, async || {
        let finished: usize = ledger.lock().values().map(|(_, finished)| finished).sum();
        match finished {
            finished if finished >= PRODUCERS * ELEMENTS => Ok(()),
            finished => Err(format!("{finished} finished")),
        }
    })
    .await
    .unwrap();
    if let Some(ended) = consumers.try_join_next() {
        panic!("a consumer ended: {ended:?}");
    }
    consumers.shutdown().await;
    let ledger = ledger.lock().clone();
    assert_eq!(ledger.len(), PRODUCERS * ELEMENTS);
    let deliveries: usize = ledger.values().map(|(delivered, _)| delivered).sum();
    println!(
        "{layout:?}: {deliveries} deliveries of {} elements",
        ledger.len()
    );
    for (name, (delivered, finished)) in ledger {
        assert_eq!(finished, 1, "{name}");
        assert!(delivered >= 1, "{name}");
    }
    nothing_is_left(direct, &path, layout).await;
}

async fn exchange_while_cut(layouts: &[Layout]) {
    let (testbed, proxy, direct) = start().await;
    for layout in layouts {
        let config = through(&proxy, SHORT * 8);
        while_cut(&proxy, 11, exchange(config, &direct, *layout)).await;
    }
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_element_is_lost_or_finished_twice_with_curators_names() {
    exchange_while_cut(&[Layout::Curator]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_element_is_lost_or_finished_twice_with_kazoos_names() {
    exchange_while_cut(&[Layout::Kazoo, Layout::KazooLocking]).await;
}
