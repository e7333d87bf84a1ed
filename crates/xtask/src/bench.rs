//! `cargo xtask bench`: measures, on real parts, against the raw limit of the same run.

use crate::{
    command::{self, cargo},
    kazoo, output,
    workspace::Workspace,
};
use anyhow::Result;
use clap::{Args, ValueEnum};
use dockeeper_testbed::prerequisites::{self, Needs, provide};
use std::process::Command;

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
    /// How fast a lock goes from hand to hand, beside kazoo's and etcd's.
    Locks,
}

/// etcd's programs, what each answers when it is there, and Debian's packages of them.
const ETCD: [(&str, &str, &str); 2] = [
    ("etcd", "--version", "etcd-server"),
    ("etcdctl", "version", "etcd-client"),
];

/// Runs a benchmark; what it prints is fit for docs/benchmarks.md.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let (package, bench) = match arguments.which {
        Which::Locks => return locks(),
        Which::Registration => ("dockeeper-cli", "registration"),
        Which::Keeper => ("dockeeper-cli", "keeper"),
        Which::Client => ("dockeeper-zk-client", "pipeline"),
    };
    provide(Needs::ALL)?;
    command::run(&mut program(package, bench))
}

/// Without kazoo and etcd as well, where they cannot be had.
fn locks() -> Result<()> {
    provide(Needs {
        docker: false,
        zookeeper: true,
    })?;
    let mut program = program("dockeeper-recipes", "locks");
    if let Some(python) = kazoo::provide(&Workspace::enter()?)? {
        program.env(kazoo::VARIABLE, python);
    }
    let is_there = |name, version| command::succeeds(Command::new(name).arg(version));
    let missing = ETCD
        .iter()
        .filter(|(name, version, _)| !is_there(name, version));
    let packages: Vec<_> = missing.map(|(.., package)| *package).collect();
    if !packages.is_empty()
        && let Err(error) = prerequisites::install(&packages)
    {
        output::note(&format!("etcd is left out: {error}"));
    }
    command::run(&mut program)
}

fn program(package: &str, bench: &str) -> Command {
    let mut program = cargo("bench");
    program.args(["--quiet", "--package", package, "--bench", bench]);
    program
}
