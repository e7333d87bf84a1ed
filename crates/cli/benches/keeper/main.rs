//! Our own server beside Apache's, in one run, each given the same bytes by the same client, each
//! with its log on the same disk and every write synced to it. By turns, because machines are
//! noisy: the ratio is what counts.
//!
//! `cargo xtask bench keeper`

#![allow(clippy::unwrap_used, reason = "a failed benchmark may panic")]
#![allow(clippy::cast_precision_loss, reason = "counts are small")]

mod busy;
mod crowd;
mod latency;
mod limit;
mod million;
mod server;
mod throughput;
mod workload;

use busy::Busy;
use crowd::Crowd;
use dockeeper_load::process;
use latency::Latency;
use server::Server;
use std::time::Duration;

/// How often each thing is measured; the median counts.
const ROUNDS: usize = 3;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (apache, keeper) = start(&runtime);
    let servers = [&apache, &keeper];
    println!(
        "| what | Apache | keeper | ratio | processors that client and keeper kept busy |\n\
         |---|---|---|---|---|"
    );
    let started = servers.map(|server| server.restart(&runtime));
    row("ready, nothing stored, ms", started.map(millis));
    for server in servers {
        workload::prepare(server.address());
        // Java compiles what it runs often, and the disk wakes up.
        throughput::warm_up(server.address());
    }
    throughput::compare(servers, &runtime);
    latencies(servers);
    crowds(&runtime, servers);
    apache.stop(&runtime);
    keeper.stop(&runtime);
    // The faster one has more behind it by now.
    let (apache, keeper) = start(&runtime);
    million(&runtime, [&apache, &keeper]);
    println!("\n{}", limit::of_the_disk());
    apache.stop(&runtime);
    keeper.stop(&runtime);
}

fn start(runtime: &tokio::runtime::Runtime) -> (Server, Server) {
    let program = env!("CARGO_BIN_EXE_dockeeper");
    (
        Server::start(runtime, None),
        Server::start(runtime, Some(program)),
    )
}

fn latencies(servers: [&Server; 2]) {
    for (name, request) in [
        ("one set of 200 B", workload::small_set()),
        ("one get of 200 B", workload::get(false)),
    ] {
        let samples = servers.map(|server| Latency::of(server.address(), &request));
        row(&format!("{name}, p50 µs"), samples.map(|s| micros(s.p50)));
        row(&format!("{name}, p99 µs"), samples.map(|s| micros(s.p99)));
    }
}

fn crowds(runtime: &tokio::runtime::Runtime, servers: [&Server; 2]) {
    let crowds = servers.map(|server| Crowd::measure(server.address(), server.pid(runtime)));
    row(
        "1,000 sessions opened, ms",
        crowds.each_ref().map(|c| millis(c.opened)),
    );
    row_of_busy(
        "20,000 ephemerals of 1,000 sessions, per second",
        crowds.each_ref().map(Crowd::ephemerals_per_second),
        crowds[1].busy,
    );
    row(
        "one change to 1,000 watchers, ms",
        crowds.each_ref().map(|c| millis(c.told)),
    );
}

/// What both make of a large tree, and of nothing else.
fn million(runtime: &tokio::runtime::Runtime, servers: [&Server; 2]) {
    for server in servers {
        million::fill(server.address());
    }
    let memory = servers.map(|server| process::resident_mib(server.pid(runtime)));
    row("resident with a million znodes of 100 B, MiB", memory);
    let started = servers.map(|server| server.restart(runtime));
    row("ready with a million znodes, ms", started.map(millis));
    let memory = servers.map(|server| process::resident_mib(server.pid(runtime)));
    row("resident then, MiB", memory);
}

/// The same, and who was busy with the keeper's part.
fn row_of_busy(what: &str, [apache, keeper]: [f64; 2], busy: Busy) {
    let ratio = keeper / apache;
    println!(
        "| {what} | {} | {} | {ratio:.2} | {busy} |",
        figure(apache),
        figure(keeper)
    );
}

/// A line of the table; the ratio is the keeper's to Apache's.
fn row(what: &str, [apache, keeper]: [f64; 2]) {
    let ratio = keeper / apache;
    println!(
        "| {what} | {} | {} | {ratio:.2} | |",
        figure(apache),
        figure(keeper)
    );
}

fn figure(value: f64) -> String {
    if value < 100.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
