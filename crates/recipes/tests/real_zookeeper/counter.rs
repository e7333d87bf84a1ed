//! Counters in all formats.

use crate::{SHORT, becomes_empty, start, through, while_cut};
use dockeeper_recipes::{
    Counter,
    counter::{Error, Format},
};
use dockeeper_zk_client::{Client, Config, CreateMode};
use std::time::Duration;
use tokio::task::JoinSet;

const FORMATS: [Format; 3] = [Format::SharedCount, Format::AtomicLong, Format::Kazoo];

/// Many add to a counter at the same time, with requests that are given up early.
pub(crate) async fn additions(config: Config, direct: &Client, path: &str, format: Format) {
    const ADDERS: i64 = 4;
    const ADDITIONS: usize = 20;
    let mut adders = JoinSet::new();
    for _ in 0..ADDERS {
        let client = Client::connect(Config {
            request_timeout: Duration::from_millis(100),
            ..config.clone()
        });
        let counter = Counter::new(&client, path, format);
        adders.spawn(async move {
            let mut sums = Vec::new();
            while sums.len() < ADDITIONS {
                match counter.add(1).await {
                    Ok(sum) => sums.push(sum),
                    Err(Error::Contended { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            sums
        });
    }
    let mut sums = Vec::new();
    while let Some(adder) = adders.join_next().await {
        sums.extend(adder.unwrap());
    }
    sums.sort_unstable();
    let last = i64::try_from(sums.len()).unwrap();
    assert_eq!(sums, Vec::from_iter(1..=last), "each sum once");
    let counter = Counter::new(direct, path, format);
    direct.sync(path).await.unwrap();
    let count = counter.get().await.unwrap();
    assert_eq!((count.value, i64::from(count.version)), (last, last));
    becomes_empty(direct, path).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_addition_counts_once_through_lost_connections() {
    let (testbed, proxy, direct) = start().await;
    for (seed, format) in (1..).zip(FORMATS) {
        let path = format!("/counters/{seed}");
        let config = through(&proxy, SHORT * 8);
        while_cut(&proxy, seed, additions(config, &direct, &path, format)).await;
    }
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_is_set_only_if_nobody_has_changed_it() {
    let (testbed, _proxy, direct) = start().await;
    for format in FORMATS {
        let path = format!("/compared/{format:?}");
        let counter = Counter::new(&direct, &path, format);
        let first = counter.get().await.unwrap();
        assert_eq!(first.value, 0);
        assert!(counter.compare_and_set(first, 5).await.unwrap());
        assert!(!counter.compare_and_set(first, 6).await.unwrap());
        // The same number again is another count.
        let five = counter.get().await.unwrap();
        counter.set(5).await.unwrap();
        assert!(!counter.compare_and_set(five, 7).await.unwrap());
        assert_eq!(counter.add(-7).await.unwrap(), -2);
    }
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_counter_stays_as_it_is() {
    let (testbed, _proxy, direct) = start().await;
    let mode = CreateMode::Persistent;
    direct.create("/foreign", "{}", mode).await.unwrap();
    for format in FORMATS {
        let counter = Counter::new(&direct, "/foreign", format);
        for error in [
            counter.add(1).await.unwrap_err(),
            counter.set(1).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::Foreign { .. }), "{error}");
        }
    }
    assert_eq!(direct.get("/foreign").await.unwrap().0, "{}");

    let small = Counter::new(&direct, "/small", Format::SharedCount);
    small.set(i64::from(i32::MAX)).await.unwrap();
    let error = small.add(1).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::OutOfRange {
                value: 0x8000_0000,
                ..
            }
        ),
        "{error}"
    );
    let long = Counter::new(&direct, "/long", Format::AtomicLong);
    long.set(i64::MIN).await.unwrap();
    let error = long.add(-1).await.unwrap_err();
    assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    testbed.shutdown().await.unwrap();
}
