use super::{
    publishing::{self, Pace, publish},
    releases,
};
use crate::args::Global;
use dockeeper_config::store::Edit;
use dockeeper_model::config::AppName;

/// The options of `config rollback`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without a release it goes back to the newest one before that had another content; again, to the one \
before that. The content becomes a new release, which all containers get at once: who goes back is \
in a hurry. With --staged it is rolled out like any other.")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// The release whose content is wanted
    #[arg(value_parser = releases::number)]
    release: Option<u64>,

    /// Roll it out in stages
    #[arg(long)]
    staged: bool,

    #[command(flatten)]
    options: publishing::Options,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let pace = if args.staged {
        Pace::Staged
    } else {
        Pace::AtOnce
    };
    let edit = Edit::RollBack(args.release);
    publish(&args.app, edit, pace, &args.options, global).await
}
