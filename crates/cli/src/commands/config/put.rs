use super::{
    apply::ids,
    input,
    publishing::{self, Pace, publish},
};
use crate::{args::Global, exit::Failure};
use dockeeper_config::{
    bundle::{FILE_LEN_MAX, MODE_MASK},
    store::{Edit, FileEdit},
};
use dockeeper_model::config::{AppName, FilePath};
use std::path::{Path, PathBuf};

/// The options of `config put`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A file that is there keeps its permissions and owner, unless others are given; a new one gets 0644 \
and 0:0.

Examples:
  dockeeper config put web nginx.conf
  dockeeper config put web ./site.j2 --as sites/main.conf.j2
  generate | dockeeper config put web - --as list.txt
  dockeeper config put web --remove sites/old.conf")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// The file; "-" for the standard input
    #[arg(required_unless_present = "remove")]
    file: Option<PathBuf>,

    /// Where it lies in the configuration [default: its name, at the top]
    #[arg(long = "as", value_name = "PATH")]
    path: Option<String>,

    /// Its permissions: 0640
    #[arg(long, value_name = "MODE", value_parser = mode)]
    mode: Option<u32>,

    /// Its user and group in the containers
    #[arg(long, value_name = "UID:GID", value_parser = ids)]
    owner: Option<(u32, u32)>,

    /// Remove this file of the configuration instead
    #[arg(long, value_name = "PATH", conflicts_with_all = ["file", "path", "mode", "owner"])]
    remove: Option<String>,

    #[command(flatten)]
    options: publishing::Options,
}

fn mode(text: &str) -> Result<u32, String> {
    match u32::from_str_radix(text, 8) {
        Ok(mode) if mode & !MODE_MASK == 0 => Ok(mode),
        _ => Err(format!("write it in octal, from 0 to {MODE_MASK:o}: 0640")),
    }
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let edit = match &args.file {
        Some(file) => args.put(file)?,
        None => Edit::Put(file_path(args.remove.as_deref().unwrap_or_default())?, None),
    };
    publish(&args.app, edit, Pace::Staged, &args.options, global).await
}

/// A path in a configuration, as a person writes it.
pub(super) fn file_path(text: &str) -> Result<FilePath, Failure> {
    text.parse().map_err(|why| {
        Failure::usage(format!(
            "{text:?} cannot be a file of a configuration: {why}"
        ))
    })
}

// === impl Args ===

impl Args {
    fn put(&self, file: &Path) -> anyhow::Result<Edit> {
        let path = match &self.path {
            Some(path) => path,
            None if file.as_os_str() == input::STDIN => {
                return Err(Failure::usage("where does it lie? Give --as PATH").into());
            }
            None => {
                let name = file.file_name().and_then(|name| name.to_str());
                name.ok_or_else(|| {
                    let shown = file.display();
                    Failure::usage(format!("{shown} has no name in UTF-8: give --as PATH"))
                })?
            }
        };
        Ok(Edit::Put(
            file_path(path)?,
            Some(FileEdit {
                content: input::read(file, FILE_LEN_MAX)?.into(),
                mode: self.mode,
                owner: self.owner,
            }),
        ))
    }
}
