use crate::{
    args::Global,
    clock,
    commands::config,
    output::{self, text},
    who::who,
};
use dockeeper_config::rollout::Order;
use dockeeper_model::config::AppName;

/// The options of `config rollout pause`, `resume`, `abort` and `approve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The agent that controls the cluster does the rest: `dockeeper config status APP` and \
`dockeeper config watch APP` show it.")]
pub(crate) struct Args {
    /// The app
    app: AppName,
}

pub(super) async fn run(args: &Args, order: Order, global: &Global) -> anyhow::Result<()> {
    config::with(global, async |_, store| {
        let now_ms = clock::now_ms();
        let rollout = store.order(&args.app, order, &who(), now_ms).await?;
        let reason = text::clean(&rollout.reason);
        output::note(&format!(
            "{}, release {}: {reason}",
            args.app, rollout.release
        ));
        Ok(())
    })
    .await
}
