//! `dockeeper keeper` is killed under load, again and again: whatever it has acknowledged is there
//! afterwards, and nothing is there in part.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod server;
mod writer;

use dockeeper_zk_client::CreateMode;
use server::Server;
use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{task::JoinSet, time::sleep};
use writer::{EPHEMERALS, Writer};

/// How often the server is killed: more in the long run.
const ROUNDS_VARIABLE: &str = "DOCKEEPER_CRASH_ROUNDS";
const ROUNDS_DEFAULT: usize = 10;

const WRITERS: usize = 4;

/// The server may live so long, in milliseconds: sometimes it dies before it has said a word.
const LIFE_MS: std::ops::Range<u64> = 20..900;

/// The session time-out: longer than a start takes on a machine that has much else to do.
const SESSION: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost() {
    let rounds = env::var(ROUNDS_VARIABLE).map_or(ROUNDS_DEFAULT, |count| count.parse().unwrap());
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}, {rounds} rounds");
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut server = Server::start();
    let setup = server.client().await;
    setup
        .create(EPHEMERALS, "", CreateMode::Persistent)
        .await
        .unwrap();
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        writers.push(Writer::new(server.client().await, number).await);
    }
    for round in 0..rounds {
        let (mut tasks, stop) = (JoinSet::new(), Arc::new(AtomicBool::new(false)));
        for mut writer in writers.drain(..) {
            let stop = Arc::clone(&stop);
            tasks.spawn(async move {
                writer.write_until(&stop).await;
                writer
            });
        }
        // One who leaves, or is left: its ephemeral znodes have to go either way.
        let passer_by = server.client().await;
        let passing = tokio::spawn(async move {
            for number in 0..20 {
                let path = format!("{EPHEMERALS}/passing-{round}-{number}");
                if passer_by
                    .create(&path, "", CreateMode::Ephemeral)
                    .await
                    .is_err()
                {
                    return;
                }
            }
            passer_by.close().await;
        });
        sleep(Duration::from_millis(rng.u64(LIFE_MS))).await;
        server.kill();
        stop.store(true, Ordering::Relaxed);
        server = server.restart();
        writers.extend(tasks.join_all().await);
        passing.abort();
        for writer in &mut writers {
            writer.check().await;
        }
    }
    // Whoever passed by has been gone for longer than any session lasts.
    sleep(SESSION + Duration::from_secs(2)).await;
    let (mut left, _) = setup.list(EPHEMERALS).await.unwrap();
    left.retain(|name| !writers.iter().any(|writer| writer.may_own(name)));
    assert_eq!(left, [""; 0], "ephemeral znodes without a session");
    let writes: u64 = writers.iter().map(Writer::acknowledged).sum();
    eprintln!("{writes} acknowledged writes, {} starts", rounds + 1);
    assert!(writes > 0);
}
