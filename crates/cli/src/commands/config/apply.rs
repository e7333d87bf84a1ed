use super::publishing::{self, Pace, publish};
use crate::args::Global;
use dockeeper_config::{
    bundle::{Owner, read_dir},
    store::Edit,
};
use dockeeper_model::config::AppName;
use std::{path::PathBuf, str::FromStr};

/// The options of `config apply`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The directory is taken as a whole: what it does not have, the new release does not have either. \
Symbolic links, devices and sockets are refused. Files keep the permissions that they have in the \
directory.

Examples:
  dockeeper config apply web ./web-config -m 'longer timeouts'
  dockeeper config apply web . --dry-run
  dockeeper config apply web . --expect-release 7 --wait=10m")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// The directory with its files
    dir: PathBuf,

    /// Whose the files are in the containers: UID:GID, or `same` for those that own them here
    #[arg(long, value_name = "UID:GID", default_value = "0:0")]
    owner: Ownership,

    #[command(flatten)]
    options: publishing::Options,
}

/// Whose the files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ownership(pub(super) Owner);

pub(super) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    let Ownership(owner) = args.owner;
    let bundle = read_dir(&args.dir, owner)?;
    let edit = Edit::Apply(bundle.files);
    publish(&args.app, edit, Pace::Staged, &args.options, global).await
}

/// `UID:GID`, as numbers: the containers' names of users are not known here.
pub(super) fn ids(text: &str) -> Result<(u32, u32), String> {
    let ids = text.split_once(':').and_then(|(uid, gid)| {
        let (uid, gid) = (uid.parse().ok()?, gid.parse().ok()?);
        Some((uid, gid))
    });
    ids.ok_or_else(|| "write the user's and the group's number: 1000:1000".to_owned())
}

// === impl Ownership ===

impl FromStr for Ownership {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "same" {
            return Ok(Self(Owner::Same));
        }
        let (uid, gid) = ids(text)?;
        Ok(Self(Owner::These { uid, gid }))
    }
}
