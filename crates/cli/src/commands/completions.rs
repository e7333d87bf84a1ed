use crate::{args::Cli, output};
use clap::CommandFactory;
use clap_complete::Shell;

/// The options of `completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  dockeeper completions bash > /etc/bash_completion.d/dockeeper")]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    // Into memory first: the generator panics where the reader has gone.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "dockeeper", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
