//! How fast a lock goes from hand to hand, beside the raw limit of the same server (one delete, one
//! event), kazoo's lock on it, and etcd's by its own command line. Whatever is compared is measured
//! by turns, and the ratio is the median's.

#![allow(clippy::unwrap_used, reason = "a failed benchmark may panic")]

mod etcd;
mod kazoo;
mod latency;
mod ours;
mod raw;

use dockeeper_testbed::Testbed;
use dockeeper_zk_client::CreateMode;
use std::{num::NonZeroU32, time::Duration};

/// How many wait, and how often that is measured.
const CROWDS: [(u32, usize); 3] = [(2, 15), (100, 9), (1000, 7)];

/// How often the largest crowd goes through unmeasured: the server compiles what it runs often.
const WARM_UPS: usize = 3;

/// For how long all are quiet before the first release, so that the last to come has its watches.
const QUIET: Duration = Duration::from_millis(200);

/// How many sessions those who wait have together.
const SESSIONS: u32 = 20;

/// Some who wait, each for the one before it.
#[derive(Clone, Copy, Debug)]
struct Crowd {
    waiters: NonZeroU32,
}

#[tokio::main]
async fn main() {
    let builder = Testbed::builder().hosts(0).zookeepers(1);
    let testbed = builder.for_measurements(1024).start().await.unwrap();
    let server = testbed.zookeeper().server(0).address();
    let client = ours::connect(server);
    let mode = CreateMode::Persistent;
    client.create(raw::PARENT, "", mode).await.unwrap();
    client.close().await;
    let most = Crowd::of(CROWDS[2].0);
    for _ in 0..WARM_UPS {
        raw::hand_overs(server, most).await;
        ours::hand_overs(server, most).await;
    }
    println!("| waiters | lock | ms a hand-over | hand-overs a second | of the raw limit |");
    println!("|---|---|---|---|---|");
    for (waiters, rounds) in CROWDS {
        let crowd = Crowd::of(waiters);
        let (mut raw, mut ours, mut kazoo) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            raw.push(raw::hand_overs(server, crowd).await);
            ours.push(ours::hand_overs(server, crowd).await);
            kazoo.extend(kazoo::hand_overs(server, crowd).await);
        }
        let limit = median(raw).unwrap();
        show(crowd, "raw", Some(limit), limit);
        show(crowd, "Dockeeper", median(ours), limit);
        show(crowd, "kazoo", median(kazoo), limit);
        show(crowd, "etcdctl", etcd::hand_overs(crowd).await, limit);
    }
    latency::show(server).await;
    testbed.shutdown().await.unwrap();
}

fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

fn show(crowd: Crowd, lock: &str, time: Option<Duration>, limit: Duration) {
    let waiters = crowd.waiters;
    let Some(time) = time else {
        println!("| {waiters} | {lock} | not measured | | |");
        return;
    };
    let (each, limit) = (time.as_secs_f64(), limit.as_secs_f64());
    println!(
        "| {waiters} | {lock} | {:.2} | {:.0} | {:.2} |",
        each * 1e3,
        1.0 / each,
        each / limit
    );
}

// === impl Crowd ===

impl Crowd {
    fn of(waiters: u32) -> Self {
        let waiters = NonZeroU32::new(waiters).unwrap();
        Self { waiters }
    }

    fn sessions(self) -> u32 {
        SESSIONS.min(self.waiters.get())
    }
}
