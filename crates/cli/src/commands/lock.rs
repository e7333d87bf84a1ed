//! `dockeeper lock`: one command at a time, on any number of hosts.

use crate::{
    args::Global,
    contests::{self, Kind},
    holding::{self, Place},
    output,
};
use clap::Subcommand;
use dockeeper_model::layout;
use dockeeper_recipes::{mutex, rwlock};

/// What is to be done with locks.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a command while a lock is held, and end it when the lock is lost
    Run(Run),
    /// List the locks that somebody holds or waits for
    Ls(List),
    /// Show who holds a lock and who waits for it, in their order
    Show(Show),
    /// Take a lock from its holder, whose command is ended
    Break(Break),
}

/// The options of `lock run`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The command finds the lock's fencing token in DOCKEEPER_LOCK_TOKEN, and its znode, the lock's path \
and the session in DOCKEEPER_LOCK_NODE, _PATH and _SESSION.")]
pub(crate) struct Run {
    #[command(flatten)]
    place: Place,

    /// Hold it together with others who hold it shared
    #[arg(long)]
    shared: bool,

    /// Hold it alone under the names of Curator's or kazoo's read-write lock, where such programs
    /// join
    #[arg(long, conflicts_with = "shared")]
    exclusive: bool,

    #[command(flatten)]
    options: holding::Options,
}

/// The options of `lock ls`.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    options: output::Options,
}

/// The options of `lock show`.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    options: output::Options,
}

/// The options of `lock break`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The next one has the lock at once, while the holder's command may still be ending: for its \
--kill-after at most. Only the fencing token keeps the two apart. Another program need not \
notice that it has lost the lock.")]
pub(crate) struct Break {
    #[command(flatten)]
    place: Place,
}

// === impl Command ===

impl Command {
    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Ls(_) | Self::Show(_) => true,
            Self::Run(_) | Self::Break(_) => false,
        }
    }

    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<()> {
        match self {
            Self::Run(args) => run(&args, global).await,
            Self::Ls(args) => contests::list(Kind::Lock, &args.options, global).await,
            Self::Show(args) => {
                contests::show(Kind::Lock, &args.place, &args.options, global).await
            }
            Self::Break(args) => contests::remove_holders(Kind::Lock, &args.place, global).await,
        }
    }
}

async fn run(args: &Run, global: &Global) -> anyhow::Result<()> {
    let znode = args.place.znode(layout::lock);
    holding::run(
        &args.options,
        &args.place,
        global,
        async |client, how| match (args.shared, args.exclusive) {
            (true, _) => rwlock::acquire_shared(client, &znode, how).await,
            (_, true) => rwlock::acquire_exclusive(client, &znode, how).await,
            (false, false) => mutex::acquire(client, &znode, how).await,
        },
    )
    .await
}
