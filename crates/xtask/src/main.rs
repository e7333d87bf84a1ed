//! The project's chores: `cargo xtask <command>`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod agent;
mod bench;
mod command;
mod demo;
mod fuzz;
mod kazoo;
mod lint;
mod output;
mod program;
mod signals;
mod test;
mod testbed;
mod workspace;

/// The project's chores.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Measure, on real parts, against the raw limit of the same run; needs root.
    Bench(bench::Arguments),
    /// Show the main job on real parts, and leave you with commands to type; needs root.
    Demo(demo::Arguments),
    /// Feed arbitrary bytes to the decoders, guided by libFuzzer.
    Fuzz(fuzz::Arguments),
    /// Check the formatting, the code, the docs, the dependencies and the project's own rules.
    Lint,
    /// Run the tests, on real Docker Engines and a real `ZooKeeper`; needs root.
    Test(test::Arguments),
    /// Real Docker hosts and a real `ZooKeeper` ensemble on this machine, to try things on.
    #[command(subcommand)]
    Testbed(testbed::Command),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    output::show_warnings();
    let result = match Arguments::parse().chore {
        Chore::Bench(arguments) => bench::run(&arguments),
        Chore::Demo(arguments) => demo::run(arguments).await,
        Chore::Fuzz(arguments) => fuzz::run(&arguments),
        Chore::Lint => lint::run(),
        Chore::Test(arguments) => test::run(&arguments),
        Chore::Testbed(command) => testbed::run(command).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
