use crate::{args::Global, output};
use dockeeper_config::store::Removal;
use dockeeper_model::config::AppName;

/// The options of `config rm`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
All of its releases are gone, and its settings. Where containers run one, that is refused; with \
--force they keep what they run until they are started again, and get nothing new.")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// Also while containers run it
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let removal = match args.force {
        true => Removal::Forced,
        false => Removal::Careful,
    };
    super::with(global, async |_, store| {
        store.remove(&args.app, removal).await?;
        output::note(&format!("{} is removed", args.app));
        Ok(())
    })
    .await
}
