//! The keeper and Apache's server are given the same random sequences of operations by several
//! sessions, which also lose, change and mistake their connections, close and expire. Every reply,
//! error, stat, list and watch event has to be the same, in the same order; transaction numbers are
//! compared by their order, and times are not.
//!
//! `DOCKEEPER_SEQUENCES` sets how many sequences there are, and `DOCKEEPER_SEED` where they begin.
//! What is known to differ is not asked for, and stands in `docs/keeper.md`.

mod ask;
mod conn;
mod knock;
mod plan;
mod play;
mod record;
mod seat;

use crate::servers::Servers;
use std::{fmt::Write, time::Duration};

/// Sequences in an ordinary run.
const SEQUENCES_DEFAULT: u64 = 100;

/// Steps of a sequence.
const STEPS: usize = 60;

/// Both servers' tick: the shortest session is two of them.
const TICK: Duration = Duration::from_millis(200);

/// No session expires that is not meant to: each is heard of at every step, or some steps later.
const TIMEOUT: Duration = Duration::from_secs(60);

#[test]
fn random_sequences_have_the_same_outcome() {
    let servers = Servers::start(TICK);
    let first = setting("DOCKEEPER_SEED").unwrap_or(1);
    let count = setting("DOCKEEPER_SEQUENCES").unwrap_or(SEQUENCES_DEFAULT);
    let differences: Vec<_> = (first..first + count)
        .filter_map(|seed| Some((seed, difference(seed, &servers)?)))
        .collect();
    servers.stop();
    if let Some((_, text)) = differences.first() {
        let seeds: Vec<_> = differences.iter().map(|(seed, _)| seed).collect();
        panic!(
            "the sequences of {} seeds of {count} differ: {seeds:?}; the first: {text}",
            seeds.len()
        );
    }
}

fn setting(name: &str) -> Option<u64> {
    Some(std::env::var(name).ok()?.parse().unwrap())
}

/// The first step of a sequence whose outcome differs, and all steps that led to it.
fn difference(seed: u64, servers: &Servers) -> Option<String> {
    let plan = plan::random(seed, STEPS);
    let expected = play::run(servers.apache(), seed, &plan);
    let actual = play::run(servers.keeper(), seed, &plan);
    let index = (0..plan.len()).find(|index| expected[*index] != actual[*index])?;
    let mut text = format!("seed {seed}, step {index}\n");
    for (step, outcome) in plan[..index].iter().zip(&expected) {
        writeln!(text, "{step:?}\n    {outcome:?}").unwrap();
    }
    let (step, expected, actual) = (&plan[index], &expected[index], &actual[index]);
    writeln!(text, "{step:?}\nApache: {expected:#?}\nkeeper: {actual:#?}").unwrap();
    Some(text)
}
