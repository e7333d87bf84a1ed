use crate::{
    args::Global,
    doctor::{self, Format},
};

/// The options of `doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each line is ok, warn or fail, where, what was tested, and what was found; what to change stands \
below. Exits with 0 when nothing fails, 4 when no ZooKeeper server can be used, 6 when only Docker \
fails, and 1 otherwise.")]
pub(crate) struct Args {
    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Format,

    /// Test ZooKeeper only, as from a machine without Docker
    #[arg(long)]
    no_docker: bool,

    /// The Docker Engine: unix:///path, or tcp://host:port [default: DOCKER_HOST, or
    /// unix:///var/run/docker.sock]
    #[arg(long, value_name = "HOST", env = "DOCKEEPER_DOCKER")]
    docker: Option<String>,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    let docker = match args.no_docker {
        true => None,
        false => Some(crate::docker::config(args.docker.as_deref())),
    };
    doctor::run(global, args.output, docker).await
}
