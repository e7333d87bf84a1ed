//! Dockeeper's program.
//!
//! Data goes to the standard output, everything else to the standard error. The exit codes are
//! [`exit::Code`]'s.

mod args;
mod clock;
mod commands;
mod contests;
mod docker;
mod doctor;
mod exit;
mod holding;
mod interrupt;
mod listing;
mod live;
mod log;
mod output;
mod supervise;
mod tree;
mod who;
mod zookeeper;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some((role, arguments)) = supervise::role() {
        return role.play(&arguments);
    }
    let args::Cli { global, command } = args::Cli::read();
    exit::report(run(&global, command))
}

fn run(global: &args::Global, command: commands::Command) -> anyhow::Result<()> {
    if !command.logs_by_itself() {
        log::init(global.log_level.as_ref());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(command.run(global));
    // A name that the resolver is still looking up would hold the program up.
    runtime.shutdown_background();
    result
}
