//! `cargo xtask test`: every test, with the best runner that the machine has.
//!
//! A target whose name begins with [`REAL`] needs root and daemons. It starts the daemons itself,
//! through the testbed; what is done here is what no test can do: install the packages, and see
//! that nothing is left.

use std::time::Duration;

use anyhow::{Context, Result};
use dockeeper_testbed::prerequisites::{Needs, provide};

use self::runner::Runner;
use crate::{
    command::{cargo, run as run_command},
    kazoo, output,
    workspace::Workspace,
};

mod leftovers;
mod peers;
mod plain;
mod runner;
mod tally;

/// How the name of a target begins that needs root and daemons.
const REAL: &str = "real_";

/// How long one runner may take: a test that hangs must not hold up a machine for hours. It is
/// several times what the whole takes on two cores.
const LIMIT: Duration = Duration::from_secs(30 * 60);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Leave out the targets that need root and daemons.
    #[arg(long)]
    quick: bool,
    /// Parts of the names of tests to run, and options of Rust's test programs.
    #[arg(last = true, value_name = "FILTER")]
    filters: Vec<String>,
}

impl Arguments {
    /// What every runner takes at the end of its line.
    fn rest(&self) -> impl Iterator<Item = &str> {
        let separator = (!self.filters.is_empty()).then_some("--");
        let filters = self.filters.iter().map(String::as_str);
        separator.into_iter().chain(filters)
    }
}

/// Runs the documentation's tests and then all others, whose runner has the last word: a machine
/// that reads the log finds its count at the end.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.quick {
        return run_runners(arguments, &Runner::new(Workspace::enter()?));
    }
    provide(Needs::ALL)
        .context("this machine cannot run the real tests, which `--quick` leaves out")?;
    peers::provide()?;
    leftovers::clear()?;
    let result = run_real(arguments);
    let leftovers = leftovers::none_left();
    if let (Err(_), Err(error)) = (&result, &leftovers) {
        output::note(&format!("error: {error:#}"));
    }
    result.and(leftovers)
}

/// The main job's tests against the keeper, and then all of them, with Apache's servers.
fn run_real(arguments: &Arguments) -> Result<()> {
    let workspace = Workspace::enter()?;
    let kazoo = kazoo::provide(&workspace)?;
    let runner = Runner::new(workspace);
    let keeper = runner.run_against_the_keeper(arguments);
    let runner = runner.with_kazoo(kazoo);
    let all = run_runners(arguments, &runner);
    if let (Err(_), Err(error)) = (&all, &keeper) {
        output::note(&format!("error: against the keeper: {error:#}"));
    }
    all.and(keeper.context("against the keeper"))
}

fn run_runners(arguments: &Arguments, runner: &Runner) -> Result<()> {
    // nextest does not know the documentation's tests.
    let mut doc = cargo("test");
    doc.args(["--workspace", "--doc"]);
    run_command(doc.args(arguments.rest()))?;
    runner.run(arguments)
}
