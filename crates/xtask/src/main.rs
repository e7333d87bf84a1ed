//! The project's chores: `cargo xtask <command>`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod testbed;

/// The project's chores.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Real Docker hosts and a real ZooKeeper ensemble on this machine, to try things on.
    #[command(subcommand)]
    Testbed(testbed::Command),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match Arguments::parse().chore {
        Chore::Testbed(command) => testbed::run(command).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
