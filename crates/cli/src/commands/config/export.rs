use super::releases;
use crate::{
    args::Global,
    output::{self, text},
};
use dockeeper_config::bundle::{Overwrite, export};
use dockeeper_model::config::AppName;
use std::path::PathBuf;

/// The options of `config export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The files have their permissions, templates are as they were applied, and all belong to who exports \
them. Values are not files: `dockeeper config get APP` prints them. Nothing outside of the directory \
is written.")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// The directory, which is made if it is not there
    dir: PathBuf,

    /// Not the newest release, but this one
    #[arg(long, value_name = "N", value_parser = releases::number)]
    release: Option<u64>,

    /// Replace files that are there already
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let (number, bundle) = super::with(global, async |_, store| {
        let release = releases::find(store, &args.app, args.release).await?;
        Ok((release.release, store.bundle(&release).await?))
    })
    .await?;
    let overwrite = match args.force {
        true => Overwrite::Yes,
        false => Overwrite::No,
    };
    export(&bundle, &args.dir, overwrite)?;
    output::note(&format!(
        "{} of release {number} of {} in {}; {} left out",
        text::count(bundle.files.len(), "file"),
        args.app,
        args.dir.display(),
        text::count(bundle.keys.len(), "value")
    ));
    Ok(())
}
