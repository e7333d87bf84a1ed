//! `cargo xtask bench`: measures, on real parts, against the raw limit of the same run.

use crate::command::{self, cargo};
use anyhow::Result;
use clap::{Args, ValueEnum};
use dockeeper_testbed::prerequisites::{Needs, provide};

/// What to measure.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Which benchmark.
    which: Which,
}

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    /// From Docker's start event to the instance in ZooKeeper, and the agent at rest.
    Registration,
    /// The ZooKeeper client's throughput.
    Client,
    /// Our own server beside Apache's.
    Keeper,
}

/// Runs a benchmark; what it prints is fit for docs/benchmarks.md.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    provide(Needs::ALL)?;
    let (package, bench) = match arguments.which {
        Which::Registration => ("dockeeper-cli", "registration"),
        Which::Keeper => ("dockeeper-cli", "keeper"),
        Which::Client => ("dockeeper-zk-client", "pipeline"),
    };
    command::run(cargo("bench").args(["--quiet", "--package", package, "--bench", bench]))
}
