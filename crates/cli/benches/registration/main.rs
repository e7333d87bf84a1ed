//! How long a container takes from Docker's start event to its instance in ZooKeeper, against the
//! raw path in the same run: the same inspect call and one create on an idle session. And what the
//! agent costs at rest.
//!
//! `cargo xtask bench registration`

#![allow(clippy::unwrap_used, reason = "a failed benchmark may panic")]

mod host;
mod measure;
mod process;

use dockeeper_testbed::Testbed;
use host::Bench;
use measure::Sample;
use process::Usage;
use std::time::Duration;

/// How many containers run besides the one that is started.
const POPULATIONS: [usize; 3] = [1, 50, 200];

/// How often a container is started at each population, for each path.
const SAMPLES: usize = 40;

/// How long the agent is watched at rest: two of its comparisons.
const REST: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() {
    let testbed = Testbed::builder()
        .hosts(1)
        .zookeepers(1)
        .start()
        .await
        .unwrap();
    let bench = Bench::new(&testbed).await;
    println!("| containers | path | p50 ms | p99 ms | p50 / raw |");
    println!("|---|---|---|---|---|");
    let mut running = 0;
    for population in POPULATIONS {
        bench.populate(running..population).await;
        running = population;
        let raw = bench.raw(SAMPLES).await;
        let agent = bench.start_agent(running).await;
        let registered = bench.registered(SAMPLES).await;
        print(population, "raw", &raw, &raw);
        print(population, "agent", &registered, &raw);
        if population == POPULATIONS[POPULATIONS.len() - 1] {
            let usage = Usage::over(agent.pid(), REST).await;
            println!("\nagent at rest with {population} containers: {usage}");
        }
        bench.end_agent(agent).await;
    }
    testbed.shutdown().await.unwrap();
}

fn print(population: usize, path: &str, sample: &Sample, raw: &Sample) {
    let (p50, p99) = (sample.percentile(50), sample.percentile(99));
    let ratio = p50 / raw.percentile(50);
    println!("| {population} | {path} | {p50:.2} | {p99:.2} | {ratio:.2} |");
}
