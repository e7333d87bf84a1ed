//! Locks, semaphores and elections under simulated time: machines of which anything may fail, a
//! network that loses and delays, a server that crashes, and programs that are stopped and
//! suspended, all drawn from a seed. No two may hold the same at once, whoever waits is served in
//! its turn, and nothing is left behind.
//!
//! `DOCKEEPER_SIMULATIONS` sets how many simulations there are, and `DOCKEEPER_SEED` where they
//! begin.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod contender;
mod follower;
mod history;
mod judge;
mod keeper;
mod plan;
mod process;
mod referee;
mod resource;
mod total;
mod uplink;
mod world;

use history::Events;
use std::thread;
use total::Total;

/// How many simulations there are in each test run.
const SIMULATIONS_DEFAULT: u64 = 24;

/// Of how many one is played twice.
const REPEATED_PART: usize = 8;

/// Among how many everything happens that is meant to: a write comes too late in one of six.
const COVERED_FROM: u64 = 200;

/// How many of a failed simulation's faults and violations are shown.
const SHOWN_MAX: usize = 40;

#[test]
fn whatever_fails_nobody_holds_what_another_one_has() {
    let (first, count) = seeds();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut failed: Vec<(u64, String)> = Vec::new();
    let mut total = Total::default();
    thread::scope(|scope| {
        let parts = (0..threads).map(|part| {
            scope.spawn(move || play((first..first + count).skip(part).step_by(threads)))
        });
        let parts: Vec<_> = parts.collect();
        for part in parts {
            let (played, wrong) = part.join().unwrap();
            total.add(&played);
            failed.extend(wrong);
        }
    });
    println!("{count} simulations from seed {first}: {total:?}");
    failed.sort_unstable();
    if let Some((_, text)) = failed.first() {
        let seeds: Vec<_> = failed.iter().map(|(seed, _)| seed).collect();
        panic!(
            "{} of {count} simulations failed: {seeds:?}; the first: {text}",
            seeds.len()
        );
    }
    let is_covered = total.cancelled > 0 && total.lost > 0 && total.refused > 0;
    assert!(count < COVERED_FROM || is_covered, "{total:?}");
}

#[test]
fn a_seed_always_plays_the_same() {
    let (first, count) = seeds();
    for seed in (first..first + count).step_by(REPEATED_PART) {
        let (one, _) = world::simulate(seed);
        let (other, _) = world::simulate(seed);
        assert_eq!(one, other, "seed {seed}");
    }
}

/// Where to begin, and how many there are.
fn seeds() -> (u64, u64) {
    let count = setting("DOCKEEPER_SIMULATIONS").unwrap_or(SIMULATIONS_DEFAULT);
    (setting("DOCKEEPER_SEED").unwrap_or(1), count)
}

fn play(seeds: impl Iterator<Item = u64>) -> (Total, Vec<(u64, String)>) {
    let (mut total, mut failed) = (Total::default(), Vec::new());
    for seed in seeds {
        let (events, wrong) = world::simulate(seed);
        total.count(&events);
        if !wrong.is_empty() {
            failed.push((seed, told(seed, &events, &wrong)));
        }
    }
    (total, failed)
}

fn told(seed: u64, events: &Events, wrong: &[String]) -> String {
    let notes = events
        .notes
        .iter()
        .map(|(at, what)| format!("{at:?}: {what}"));
    let lines = notes.chain(wrong.iter().cloned()).take(SHOWN_MAX);
    let lines: Vec<_> = lines.collect();
    format!("seed {seed}\n{}", lines.join("\n"))
}

fn setting(name: &str) -> Option<u64> {
    Some(std::env::var(name).ok()?.parse().unwrap())
}
