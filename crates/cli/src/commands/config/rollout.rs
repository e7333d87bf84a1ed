mod order;
mod policy;
mod stage;

use crate::args::Global;
use clap::Subcommand;
use dockeeper_config::rollout::Order;

/// What is to be done with rollouts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Let no more containers get the newest release, and do not go back, until it is resumed
    Pause(order::Args),
    /// Go on, and put up with the containers that have failed so far
    Resume(order::Args),
    /// Give the newest release up: all go back to the one before
    Abort(order::Args),
    /// Go on to the next stage, where the policy asks for approval
    Approve(order::Args),
    /// Show how an app's releases are rolled out, or change it from the next release on
    Policy(policy::Args),
}

// === impl Command ===

impl Command {
    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Policy(args) => args.only_reads(),
            Self::Pause(_) | Self::Resume(_) | Self::Abort(_) | Self::Approve(_) => false,
        }
    }

    pub(super) async fn run(self, global: &Global) -> anyhow::Result<()> {
        match self {
            Self::Pause(args) => order::run(&args, Order::Pause, global).await,
            Self::Resume(args) => order::run(&args, Order::Resume, global).await,
            Self::Abort(args) => order::run(&args, Order::Abort, global).await,
            Self::Approve(args) => order::run(&args, Order::Approve, global).await,
            Self::Policy(args) => policy::run(&args, global).await,
        }
    }
}
