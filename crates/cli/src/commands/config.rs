//! `dockeeper config`: releases of files and values, and how they reach the containers.

mod apply;
mod diff;
mod differences;
mod dry_run;
mod edit;
mod export;
mod following;
mod get;
mod history;
mod input;
mod listing;
mod ls;
mod publishing;
mod put;
mod releases;
mod retention;
mod rm;
mod rollback;
mod rollout;
mod secret;
mod set;
mod show;
mod status;
mod wait;
mod watch;

use crate::{
    args::Global,
    zookeeper::{self, Session},
};
use clap::Subcommand;
use dockeeper_config::store::{Error, Store};

/// What is to be done with configurations.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Release the files of a directory; the values stay
    Apply(apply::Args),
    /// Release with some values set, changed or removed; all else stays
    Set(set::Args),
    /// Release with one file added, changed or removed; all else stays
    Put(put::Args),
    /// Print a value or a file as it is, or all values
    Get(get::Args),
    /// Edit a file, a value or all values with $EDITOR, and release the result
    Edit(edit::Args),
    /// List the apps, or the files and values of one
    Ls(ls::Args),
    /// Show a release: who, when, why, and what it consists of
    Show(show::Args),
    /// Show what differs between releases, or between a directory and the newest one
    Diff(diff::Args),
    /// List an app's releases
    History(history::Args),
    /// Release the content of an earlier release again, for all containers at once
    Rollback(rollback::Args),
    /// Write a release's files to a directory
    Export(export::Args),
    /// Show which container runs which release, and why not the newest
    Status(status::Args),
    /// Print a line for each change of an app, until Ctrl-C
    Watch(watch::Args),
    /// Remove an app with all of its releases
    Rm(rm::Args),
    /// Say how releases reach the containers, and stop, resume, abort or approve that
    #[command(subcommand)]
    Rollout(rollout::Command),
    /// Show or change how long an app's releases are kept
    Retention(retention::Args),
    /// Set, list and remove secrets, which only the hosts can read
    #[command(subcommand)]
    Secret(secret::Command),
}

// === impl Command ===

impl Command {
    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Get(_)
            | Self::Ls(_)
            | Self::Show(_)
            | Self::Diff(_)
            | Self::History(_)
            | Self::Export(_)
            | Self::Status(_)
            | Self::Watch(_) => true,
            Self::Rollout(command) => command.only_reads(),
            Self::Retention(args) => args.only_reads(),
            Self::Secret(command) => command.only_reads(),
            Self::Apply(_)
            | Self::Set(_)
            | Self::Put(_)
            | Self::Edit(_)
            | Self::Rollback(_)
            | Self::Rm(_) => false,
        }
    }

    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<()> {
        match self {
            Self::Apply(args) => apply::run(args, global).await,
            Self::Set(args) => set::run(args, global).await,
            Self::Put(args) => put::run(&args, global).await,
            Self::Get(args) => get::run(&args, global).await,
            Self::Edit(args) => edit::run(&args, global).await,
            Self::Ls(args) => ls::run(&args, global).await,
            Self::Show(args) => show::run(&args, global).await,
            Self::Diff(args) => diff::run(&args, global).await,
            Self::History(args) => history::run(&args, global).await,
            Self::Rollback(args) => rollback::run(&args, global).await,
            Self::Export(args) => export::run(&args, global).await,
            Self::Status(args) => status::run(&args, global).await,
            Self::Watch(args) => watch::run(&args, global).await,
            Self::Rm(args) => rm::run(&args, global).await,
            Self::Rollout(command) => command.run(global).await,
            Self::Retention(args) => retention::run(&args, global).await,
            Self::Secret(command) => command.run(global).await,
        }
    }
}

/// Does some work with releases. Where there are none, the chroot may be the wrong one.
async fn with<T>(
    global: &Global,
    work: impl AsyncFnOnce(&Session, &Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    zookeeper::with(global, async |session| {
        let done = work(session, &Store::new(&session.client)).await;
        let is_missing =
            |error: &anyhow::Error| matches!(error.downcast_ref::<Error>(), Some(Error::NoApp(_)));
        if done.as_ref().is_err_and(is_missing) {
            session.check(&[]).await?;
        }
        done
    })
    .await
}
