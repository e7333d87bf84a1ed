//! `dockeeper semaphore`: a number of commands at a time, on any number of hosts.

use crate::{
    args::Global,
    contests::{self, Kind},
    holding::{self, Place},
    output,
};
use clap::Subcommand;
use dockeeper_model::layout;
use dockeeper_recipes::semaphore;
use std::num::NonZeroU32;

/// What is to be done with semaphores.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a command while one of a number of permits is held
    Run(Run),
    /// List the semaphores that somebody holds or waits for
    Ls(List),
}

/// The options of `semaphore run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    #[command(flatten)]
    place: Place,

    /// How many may run at a time; the same for all who contend
    #[arg(long, value_name = "N", value_parser = permits)]
    permits: NonZeroU32,

    #[command(flatten)]
    options: holding::Options,
}

/// The options of `semaphore ls`.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    options: output::Options,
}

fn permits(text: &str) -> Result<NonZeroU32, String> {
    text.parse()
        .map_err(|_| format!("it is no whole number from 1 to {}", u32::MAX))
}

// === impl Command ===

impl Command {
    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Ls(_) => true,
            Self::Run(_) => false,
        }
    }

    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<()> {
        match self {
            Self::Run(args) => run(&args, global).await,
            Self::Ls(args) => contests::list(Kind::Semaphore, &args.options, global).await,
        }
    }
}

async fn run(args: &Run, global: &Global) -> anyhow::Result<()> {
    let znode = args.place.znode(layout::semaphore);
    holding::run(&args.options, &args.place, global, async |client, how| {
        semaphore::acquire(client, &znode, args.permits, how).await
    })
    .await
}
