use super::value::Value;
use crate::{args::Global, exit::Failure, output, zookeeper};

/// The options of `zk set`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dockeeper zk set /app/limit 100
  dockeeper zk set /app/config --file config.json --version 7
  date | dockeeper zk set /app/now -")]
pub(crate) struct Args {
    /// The znode
    #[arg(value_parser = super::path)]
    path: String,

    #[command(flatten)]
    value: Value,

    /// Only if the znode has this version, as `zk stat` shows it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    version: Option<i32>,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let Some(data) = args.value.read()? else {
        let why = "what data? Give them, --file FILE, or - for the standard input; '' for none";
        return Err(Failure::usage(why).into());
    };
    zookeeper::with_tree(global, async |session| {
        let stat = session.client.set(&args.path, data, args.version).await?;
        output::note(&format!("{} has version {}", args.path, stat.version));
        Ok(())
    })
    .await
}
