mod ls;
mod rm;
mod set;
mod typed;

use crate::args::Global;
use clap::Subcommand;

/// What is to be done with secrets.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set a secret to what is on the standard input, in a file, or typed
    Set(set::Args),
    /// List the secrets, without what they are
    Ls(ls::Args),
    /// Remove a secret
    Rm(rm::Args),
}

// === impl Command ===

impl Command {
    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Ls(_) => true,
            Self::Set(_) | Self::Rm(_) => false,
        }
    }

    pub(super) async fn run(self, global: &Global) -> anyhow::Result<()> {
        match self {
            Self::Set(args) => set::run(&args, global).await,
            Self::Ls(args) => ls::run(&args, global).await,
            Self::Rm(args) => rm::run(&args, global).await,
        }
    }
}
