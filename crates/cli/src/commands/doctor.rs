use crate::{
    args::Global,
    doctor::{self, Format},
};

/// The options of `doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each line is ok, warn or fail, where, what was tested, and what was found; what to change stands
below. Exits with 0 when nothing fails, 4 when no ZooKeeper server can be used, 6 when only Docker
fails, and 1 otherwise.")]
pub(crate) struct Args {
    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Format,

    /// Test ZooKeeper only
    #[arg(long)]
    no_docker: bool,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    doctor::run(global, args.output, !args.no_docker).await
}
