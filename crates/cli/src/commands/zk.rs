//! `dockeeper zk`: any ZooKeeper, for a person who has to look at it.

mod create;
mod export;
mod get;
mod import;
mod ls;
mod rm;
mod set;
mod stat;
mod value;
mod watch;

pub(super) use self::export::UNKNOWABLE;

use crate::args::Global;
use clap::Subcommand;

/// What is to be done with ZooKeeper.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the children of a znode, or everything below it
    Ls(ls::Args),
    /// Print a znode's data as they are
    Get(get::Args),
    /// Replace a znode's data
    Set(set::Args),
    /// Create a znode, and print its path
    Create(create::Args),
    /// Delete a znode, or everything from it down
    Rm(rm::Args),
    /// Show a znode's metadata and access control list
    Stat(stat::Args),
    /// Print a line for each change of a znode, until Ctrl-C
    Watch(watch::Args),
    /// Write a tree as lines of JSON
    Export(export::Args),
    /// Write the lines of an export to ZooKeeper
    Import(import::Args),
}

// === impl Command ===

impl Command {
    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Ls(_) | Self::Get(_) | Self::Stat(_) | Self::Watch(_) | Self::Export(_) => true,
            Self::Set(_) | Self::Create(_) | Self::Rm(_) | Self::Import(_) => false,
        }
    }

    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<()> {
        match self {
            Self::Ls(args) => ls::run(&args, global).await,
            Self::Get(args) => get::run(&args, global).await,
            Self::Set(args) => set::run(&args, global).await,
            Self::Create(args) => create::run(&args, global).await,
            Self::Rm(args) => rm::run(&args, global).await,
            Self::Stat(args) => stat::run(&args, global).await,
            Self::Watch(args) => watch::run(&args, global).await,
            Self::Export(args) => export::run(&args, global).await,
            Self::Import(args) => import::run(&args, global).await,
        }
    }
}

/// A path on the command line.
pub(super) fn path(text: &str) -> Result<String, String> {
    match dockeeper_zk_client::path::validate(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(why) => Err(why.to_string()),
    }
}
