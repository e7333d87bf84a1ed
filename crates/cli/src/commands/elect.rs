//! `dockeeper elect`: one leader among any number of hosts.

use crate::{
    args::Global,
    contests::{self, Kind},
    holding::{self, Place},
    output,
};
use clap::Subcommand;
use dockeeper_model::layout;
use dockeeper_recipes::election;

/// What is to be done with elections.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a command while leading: at once, or when those before have gone
    Run(Run),
    /// Show who leads and who would be next, in their order
    Show(Show),
    /// Depose the leader, whose command is ended: the next one takes over
    Resign(Resign),
}

/// The options of `elect run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    options: holding::Options,
}

/// The options of `elect show`.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    options: output::Options,
}

/// The options of `elect resign`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The next one leads at once, while the leader's command may still be ending: for its --kill-after \
at most. Only the fencing token keeps the two apart. Another program need not notice that it was \
deposed.")]
pub(crate) struct Resign {
    #[command(flatten)]
    place: Place,
}

// === impl Command ===

impl Command {
    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Show(_) => true,
            Self::Run(_) | Self::Resign(_) => false,
        }
    }

    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<()> {
        match self {
            Self::Run(args) => run(&args, global).await,
            Self::Show(args) => {
                contests::show(Kind::Election, &args.place, &args.options, global).await
            }
            Self::Resign(args) => {
                contests::remove_holders(Kind::Election, &args.place, global).await
            }
        }
    }
}

async fn run(args: &Run, global: &Global) -> anyhow::Result<()> {
    let znode = args.place.znode(layout::election);
    holding::run(&args.options, &args.place, global, async |client, how| {
        election::campaign(client, &znode, how).await
    })
    .await
}
