//! What the client makes of one ZooKeeper server, beside what the server gives to whoever writes
//! the same requests blindly: precomputed bytes over one socket, by two threads that do nothing
//! else. Each pair is measured one behind the other, several times, and the ratio is the median.

#![allow(clippy::unwrap_used, reason = "a failed benchmark may panic")]

mod client;
mod raw;
mod workload;

use dockeeper_load::process::cpu_time;
use dockeeper_testbed::Testbed;
use std::{future::Future, time::Duration};
use tokio::time::Instant;
use workload::Workload;

/// How often each pair is measured.
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() {
    let builder = Testbed::builder().hosts(0).zookeepers(1);
    let testbed = builder.for_measurements(1024).start().await.unwrap();
    let address = testbed.zookeeper().server(0).address();
    let client = client::prepare(address).await;
    println!(
        "{:24}{:>10}{:>10}{:>8}{:>14}{:>11}",
        "operations per second", "client", "raw", "ratio", "client's CPU", "raw's CPU"
    );
    let wanted: Vec<_> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    for workload in Workload::ALL {
        let name = workload.name();
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part)) {
            continue;
        }
        // The server compiles what it runs often, and the disk wakes up.
        raw::run(address, workload).await;
        let mut pairs = Vec::new();
        for round in 0..ROUNDS {
            let by_client = measure(workload, client::run(client.clone(), workload));
            let by_raw = measure(workload, raw::run(address, workload));
            // Neither always finds the server as the other has left it.
            pairs.push(if round % 2 == 0 {
                let raw = by_raw.await;
                (by_client.await, raw)
            } else {
                (by_client.await, by_raw.await)
            });
        }
        show(name, &mut pairs);
    }
    client.close().await;
    testbed.shutdown().await.unwrap();
}

/// How fast something was, and what it cost this process.
#[derive(Clone, Copy, Debug)]
struct Cost {
    per_second: f64,
    cpu: Duration,
}

async fn measure(workload: Workload, run: impl Future<Output = ()>) -> Cost {
    let count = workload.count() * workload.batch();
    let (began, cpu) = (Instant::now(), cpu_time(std::process::id()));
    run.await;
    Cost {
        per_second: f64::from(count) / began.elapsed().as_secs_f64(),
        cpu: (cpu_time(std::process::id()) - cpu) / count,
    }
}

fn show(name: &str, pairs: &mut [(Cost, Cost)]) {
    let ratio = |(client, raw): &(Cost, Cost)| client.per_second / raw.per_second;
    pairs.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let median = pairs[ROUNDS / 2];
    let (client, raw) = median;
    println!(
        "{name:24}{:>10.0}{:>10.0}{:>8.2}{:>14.1?}{:>11.1?}",
        client.per_second,
        raw.per_second,
        ratio(&median),
        client.cpu,
        raw.cpu
    );
}
