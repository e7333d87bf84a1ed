//! What an error promises, with thousands of writes on a connection that is cut again and again.

use crate::{clients::connect, zk::Zk};
use bytes::Bytes;
use dockeeper_testbed::Proxy;
use dockeeper_zk_client::{Client, Config, CreateMode, Error, ErrorKind};
use fastrand::Rng;
use std::{collections::HashMap, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

const WRITERS: u64 = 32;

/// How long the connection is cut again and again.
const STORM: Duration = Duration::from_secs(6);

/// Shorter than some of the cuts, so that requests are given up before they are sent.
const PATIENCE: Duration = Duration::from_millis(150);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Outcome {
    Done,
    NotDone,
    Unknown,
}

/// A create whose data nobody else writes.
struct Written {
    token: String,
    path: String,
    outcome: Outcome,
}

fn outcome<T>(result: &Result<T, Error>) -> Outcome {
    match result.as_ref().map_err(Error::kind) {
        Ok(_) => Outcome::Done,
        Err(ErrorKind::NotSent(_)) => Outcome::NotDone,
        Err(ErrorKind::Unknown(_)) => Outcome::Unknown,
        Err(ErrorKind::Refused(code)) => panic!("{code}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_keeps_its_promise() {
    let zk = Zk::start(1).await;
    let observer = zk.client().await;
    for parent in ["/plain", "/sequential", "/versions"] {
        let mode = CreateMode::Persistent;
        observer.create(parent, "", mode).await.unwrap();
    }
    let (proxy, config) = zk.proxied(0).await;
    let client = connect(Config {
        request_timeout: PATIENCE,
        ..config
    })
    .await;
    let end = Instant::now() + STORM;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let client = client.clone();
        let path = format!("/versions/{writer}");
        let mode = CreateMode::Persistent;
        observer.create(&path, "", mode).await.unwrap();
        writers.spawn(async move {
            let mut written = creates(&client, writer, end).await;
            let counted = sets(&client, writer, end).await;
            written.extend(counted.into_iter().map(|outcome| Written {
                token: String::new(),
                path: String::new(),
                outcome,
            }));
            written
        });
    }
    let cuts = cut(&proxy, end).await;
    let mut all = Vec::new();
    while let Some(written) = writers.join_next().await {
        all.extend(written.unwrap());
    }
    // What is still on its way at the server arrives before an answer to another session's write.
    observer.set("/plain", "end", None).await.unwrap();
    let applied = judge(&observer, &all).await;
    let mut counts = HashMap::<_, usize>::new();
    for written in &all {
        *counts.entry(written.outcome).or_default() += 1;
    }
    println!("{cuts} cuts; {counts:?}; {applied} of the unknown creates had taken effect");
    for outcome in [Outcome::Done, Outcome::NotDone, Outcome::Unknown] {
        assert!(
            counts.get(&outcome).is_some_and(|count| *count > 10),
            "{counts:?}"
        );
    }
    client.close().await;
    zk.stop().await;
}

/// Severs the connection at random times, and now and then keeps it away for a while.
async fn cut(proxy: &Proxy, end: Instant) -> usize {
    let mut rng = Rng::with_seed(3);
    let mut cuts = 0;
    while Instant::now() < end {
        sleep(Duration::from_millis(rng.u64(1..40))).await;
        cuts += 1;
        if cuts % 40 == 0 {
            proxy.block();
            sleep(PATIENCE * 2).await;
            proxy.unblock();
        } else {
            proxy.sever();
        }
    }
    cuts
}

async fn creates(client: &Client, writer: u64, end: Instant) -> Vec<Written> {
    let half = end - (end - Instant::now()) / 2;
    let mut written = Vec::new();
    while Instant::now() < half {
        let token = format!("{writer}-{}", written.len());
        let is_sequential = written.len() % 2 == 0;
        let (path, mode) = if is_sequential {
            (
                "/sequential/s-".to_owned(),
                CreateMode::PersistentSequential,
            )
        } else {
            (format!("/plain/{token}"), CreateMode::Persistent)
        };
        let created = client.create(&path, token.clone(), mode).await;
        written.push(Written {
            outcome: outcome(&created),
            path: created.map_or(path, |created| created.path),
            token,
        });
    }
    written
}

/// Changes one znode again and again, each time only if it has the version that it must have.
///
/// The same client's next read tells what became of an unknown write: its server has closed the
/// lost connection and keeps a session's requests in their order.
async fn sets(client: &Client, writer: u64, end: Instant) -> Vec<Outcome> {
    let path = format!("/versions/{writer}");
    let mut version = 0;
    let mut outcomes = Vec::new();
    while Instant::now() < end {
        let token = outcomes.len().to_string();
        let set = client.set(&path, token.clone(), Some(version)).await;
        let outcome = outcome(&set);
        outcomes.push(outcome);
        if let Ok(stat) = set {
            version += 1;
            assert_eq!(stat.version, version);
            continue;
        }
        let (data, found) = look(client, &path).await;
        let is_done = found == version + 1;
        assert!(is_done || found == version, "{version} became {found}");
        assert!(
            !is_done || outcome == Outcome::Unknown,
            "not sent, and there"
        );
        assert_eq!(data == token.as_bytes(), is_done);
        version = found;
    }
    outcomes
}

async fn look(client: &Client, path: &str) -> (Bytes, i32) {
    loop {
        match client.get(path).await {
            Ok((data, stat)) => return (data, stat.version),
            Err(error) => assert!(error.is_disconnected(), "{error}"),
        }
    }
}

/// Holds each outcome against what is there; how many of the unknown creates are.
async fn judge(observer: &Client, all: &[Written]) -> usize {
    let mut found = HashMap::<String, Vec<String>>::new();
    for parent in ["/plain", "/sequential"] {
        for name in observer.list(parent).await.unwrap().0 {
            let path = format!("{parent}/{name}");
            let data = observer.get(&path).await.unwrap().0;
            let token = String::from_utf8(data.to_vec()).unwrap();
            found.entry(token).or_default().push(path);
        }
    }
    let mut applied = 0;
    for written in all.iter().filter(|written| !written.token.is_empty()) {
        let paths = found.get(&written.token).map_or(&[][..], Vec::as_slice);
        match written.outcome {
            Outcome::Done => assert_eq!(paths, [written.path.as_str()]),
            Outcome::NotDone => assert_eq!(paths, [""; 0], "not sent, and there"),
            Outcome::Unknown => {
                assert!(paths.len() <= 1, "twice: {paths:?}");
                applied += paths.len();
            }
        }
    }
    applied
}
