use crate::{args::Cli, output};
use anyhow::Context;
use clap::CommandFactory;
use std::{fs, path::PathBuf};

/// The options of `man`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dockeeper man | man -l -\n  dockeeper man --dir /usr/local/share/man/man1"
)]
pub(crate) struct Args {
    /// Write the pages of all commands into this folder instead
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let command = Cli::command().disable_help_subcommand(true);
    let Some(folder) = &args.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        return output::print(&String::from_utf8_lossy(&page));
    };
    let shown = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("cannot create {shown}"))?;
    clap_mangen::generate_to(command, folder)
        .with_context(|| format!("cannot write the manual pages to {shown}"))?;
    output::note(&format!("wrote the manual pages to {shown}"));
    Ok(())
}
