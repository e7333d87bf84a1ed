//! An ensemble of three loses servers.

use crate::{
    clients::{LIMIT, SESSION, connect},
    zk::{Zk, connection, reconnected, until},
};
use dockeeper_testbed::wait::soon;
use dockeeper_zk_client::{Client, Config, CreateMode, ErrorKind, SavedSession, State};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{task::JoinHandle, time::Instant};

/// Waits until the ensemble takes writes.
async fn writes_again(client: &Client) {
    until("writes again", async || {
        let set = client.set("/load", "", None).await;
        set.map_err(|error| error.to_string())
    })
    .await;
}

/// Through all of it one session, with its znode.
async fn has_lost_nothing(client: &Client, session: SavedSession) {
    assert_eq!(client.session(), Some(session));
    assert_eq!(client.ephemerals("/").await.unwrap(), ["/e"]);
}

/// Sequential creates, one after another in each of a few tasks, until told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn start(client: &Client) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let writers = (0..8).map(|_| {
            let (client, stop) = (client.clone(), stop.clone());
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let mode = CreateMode::PersistentSequential;
                    match client.create("/load/n-", "", mode).await {
                        Ok(created) => acknowledged.push(created.path),
                        Err(error) if error.is_disconnected() => {}
                        Err(error) => panic!("{error}"),
                    }
                }
                acknowledged
            })
        });
        Self {
            writers: writers.collect(),
            stop,
        }
    }

    /// What was acknowledged is there.
    async fn judge(self, observer: &Client) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        observer.sync("/").await.unwrap();
        let mut acknowledged = Vec::new();
        for writer in self.writers {
            acknowledged.extend(soon("a writer", writer).await.unwrap());
        }
        observer.sync("/").await.unwrap();
        let (names, _) = observer.list("/load").await.unwrap();
        let found: HashSet<_> = names
            .into_iter()
            .map(|name| format!("/load/{name}"))
            .collect();
        for path in &acknowledged {
            assert!(found.contains(path), "{path} was acknowledged and is lost");
        }
        acknowledged.len()
    }
}

async fn prepare(client: &Client) {
    client
        .create("/load", "", CreateMode::Persistent)
        .await
        .unwrap();
    client
        .create("/e", "", CreateMode::Ephemeral)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_leader_costs_neither_the_session_nor_a_write() {
    let zk = Zk::start(3).await;
    let ensemble = zk.testbed.zookeeper();
    let client = zk.client().await;
    prepare(&client).await;
    let session = client.session().unwrap();
    let load = Load::start(&client);
    for _ in 0..2 {
        let killed = ensemble.kill_leader().await.unwrap();
        ensemble.leader().await.unwrap();
        writes_again(&client).await;
        killed.start().await.unwrap();
        killed.serving().await.unwrap();
    }
    let count = load.judge(&client).await;
    assert!(count > 100, "only {count} writes");
    has_lost_nothing(&client, session).await;
    client.close().await;
    zk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_is_left_in_time() {
    let zk = Zk::start(3).await;
    let ensemble = zk.testbed.zookeeper();
    let client = zk.client().await;
    prepare(&client).await;
    let session = client.session().unwrap();
    let load = Load::start(&client);
    for is_partition in [true, false] {
        let last = connection(&client);
        let server = {
            let state = client.state();
            let State::Connected(connected) = &*state.borrow() else {
                panic!("not connected");
            };
            let address = format!("{}:{}", connected.host.name, connected.host.port);
            let mut servers = ensemble.servers().iter();
            servers
                .find(|s| s.address().to_string() == address)
                .unwrap()
        };
        let began = Instant::now();
        if is_partition {
            zk.testbed.cut(zk.testbed.caller(), server).await.unwrap();
        } else {
            server.freeze().await.unwrap();
        }
        reconnected(&client, last).await;
        // Silence is noticed after half of the time-out.
        assert!(began.elapsed() < SESSION * 3 / 4, "{:?}", began.elapsed());
        println!("left after {:?} of {SESSION:?}", began.elapsed());
        writes_again(&client).await;
        if is_partition {
            zk.testbed.heal(zk.testbed.caller(), server).await.unwrap();
        } else {
            server.thaw().await.unwrap();
        }
        server.serving().await.unwrap();
    }
    load.judge(&client).await;
    has_lost_nothing(&client, session).await;
    client.close().await;
    zk.stop().await;
}

/// The servers stop counting a session's time when they stop.
#[tokio::test(flavor = "multi_thread")]
async fn the_client_is_back_soon_after_its_servers() {
    let zk = Zk::start(3).await;
    let ensemble = zk.testbed.zookeeper();
    let config = Config {
        request_timeout: LIMIT * 2,
        ..zk.config()
    };
    let client = connect(config).await;
    prepare(&client).await;
    let last = connection(&client);
    let read = {
        ensemble.stop_all().await.unwrap();
        let client = client.clone();
        tokio::spawn(async move { client.get("/load").await })
    };
    // Long enough for the longest pauses.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let starting = ensemble.start_all();
    let serving = async {
        let address = ensemble.server(0).address();
        until("the first server that serves", async || {
            for server in ensemble.servers() {
                if matches!(server.status().await, Ok(Some(_))) {
                    return Ok(());
                }
            }
            Err(format!("none, not even {address}"))
        })
        .await;
        let served = Instant::now();
        reconnected(&client, last).await;
        println!("back {:?} after the first server", served.elapsed());
        served.elapsed()
    };
    let (started, late) = tokio::join!(starting, serving);
    started.unwrap();
    assert!(late < Duration::from_secs(5), "{late:?}");
    read.await.unwrap().unwrap();
    assert_eq!(client.ephemerals("/").await.unwrap(), ["/e"]);
    let write = client
        .create("/e", "", CreateMode::Ephemeral)
        .await
        .unwrap_err();
    assert!(matches!(write.kind(), ErrorKind::Refused(_)), "{write}");
    client.close().await;
    zk.stop().await;
}
