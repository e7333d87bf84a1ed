use crate::{args::Global, output, zookeeper};

/// The options of `zk get`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The znode
    #[arg(value_parser = super::path)]
    path: String,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    zookeeper::with_tree(global, async |session| {
        let (data, _) = session.client.get(&args.path).await?;
        output::print_bytes(&data)
    })
    .await
}
