mod change;
mod list;
mod target;

use crate::args::Global;
use clap::Subcommand;

/// What is to be done with maintenance marks.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take something out of service: its instances are not found any more, its containers run on
    On(change::On),
    /// Put something back into service
    Off(change::Off),
    /// List what is out of service
    Ls(list::Args),
}

// === impl Command ===

impl Command {
    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Ls(_) => true,
            Self::On(_) | Self::Off(_) => false,
        }
    }

    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<()> {
        match self {
            Self::On(args) => change::on(&args, global).await,
            Self::Off(args) => change::off(&args, global).await,
            Self::Ls(args) => list::run(args, global).await,
        }
    }
}
