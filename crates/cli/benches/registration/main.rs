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

/// How often a container is started in each block, for each path.
const SAMPLES: usize = 10;

/// How often the two paths take turns at each population: what else the machine does then falls
/// on both.
const BLOCKS: usize = 5;

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
    let mut at_rest = String::new();
    for population in POPULATIONS {
        bench.populate(running..population).await;
        running = population;
        let (mut raw, mut registered) = (Vec::new(), Vec::new());
        for block in 1..=BLOCKS {
            raw.extend(bench.raw(SAMPLES).await);
            let agent = bench.start_agent(running).await;
            registered.extend(bench.registered(SAMPLES).await);
            if block == BLOCKS && population == POPULATIONS[POPULATIONS.len() - 1] {
                let usage = Usage::over(agent.pid(), REST).await;
                at_rest = format!("agent at rest with {population} containers: {usage}");
            }
            bench.end_agent(agent).await;
        }
        let (raw, registered) = (Sample::new(raw), Sample::new(registered));
        print(population, "raw", &raw, &raw);
        print(population, "agent", &registered, &raw);
    }
    println!("\n{at_rest}");
    testbed.shutdown().await.unwrap();
}

fn print(population: usize, path: &str, sample: &Sample, raw: &Sample) {
    let (p50, p99) = (sample.percentile(50), sample.percentile(99));
    let ratio = p50 / raw.percentile(50);
    println!("| {population} | {path} | {p50:.2} | {p99:.2} | {ratio:.2} |");
}
