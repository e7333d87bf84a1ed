//! What all commands share that make a release.

use super::{dry_run, releases, wait};
use crate::{
    args::Global,
    clock,
    exit::{Code, Failure},
    holding::Wait,
    output::{self, json, text},
    who::who,
};
use clap::ValueEnum;
use dockeeper_config::{
    rollout,
    store::{Beginning, Edit, Error, Publication, Published, Store},
};
use dockeeper_model::config::{AppName, Release, Rollout};
use serde::Serialize;

/// The options of all commands that make a release.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Options {
    /// Why, for the history
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,

    /// Only if the newest release is this one; 0 for none at all
    #[arg(long, value_name = "N")]
    pub(super) expect_release: Option<u64>,

    /// Change nothing: show what would differ from the newest release, and in what each container
    /// gets
    #[arg(long, conflicts_with_all = ["wait", "output"])]
    dry_run: bool,

    /// Wait until the containers run it, at most so long: --wait=5m [default: 30m]
    #[arg(
        long,
        value_name = "DURATION",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "30m"
    )]
    wait: Option<Wait>,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Output,
}

/// How the new release is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Words for people, on the standard error
    Text,
    /// The release's record, a JSON object
    Json,
    /// The release's number
    Name,
}

/// Which containers get the release first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Those of the policy's first stage.
    Staged,
    /// All of them.
    AtOnce,
}

/// A release that was made or found, as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    app: &'a AppName,
    is_new: bool,
    #[serde(flatten)]
    release: releases::Item<'a>,
}

// === impl Options ===

impl Options {
    /// Whether nothing is to be changed.
    pub(super) fn is_dry_run(&self) -> bool {
        self.dry_run
    }
}

/// Makes a release, or shows what it would be, and follows it to the containers.
pub(super) async fn publish(
    app: &AppName,
    edit: Edit,
    pace: Pace,
    options: &Options,
    global: &Global,
) -> anyhow::Result<()> {
    if options.dry_run {
        return dry_run::run(app, &edit, options.expect_release, global).await;
    }
    let now_ms = clock::now_ms();
    let publication = Publication {
        edit,
        by: who(),
        message: options.message.clone().unwrap_or_default(),
        now_ms,
        expect: options.expect_release,
    };
    let published = super::with(global, async |session, store| {
        // Where there is nothing to go back to, nothing is made either.
        if !matches!(publication.edit, Edit::RollBack(_)) {
            session.make_chroot().await?;
        }
        let published = make(store, app, &publication, pace).await;
        published.map_err(|error| overtaken(error, now_ms))
    })
    .await?;
    tell(app, &published, options.output, now_ms)?;
    let (Published::New(release) | Published::Unchanged(release)) = &published;
    match options.wait {
        Some(Wait(limit)) => wait::run(app, release.release, limit, global).await,
        None => Ok(()),
    }
}

/// Makes a release. Its first containers begin with the same write: who they are is read before.
async fn make(
    store: &Store,
    app: &AppName,
    publication: &Publication,
    pace: Pace,
) -> Result<Published, Error> {
    let members = rollout::members(store.applied(app).await?);
    let begin = |beginning: &Beginning<'_>| {
        let policy = beginning.app.policy.clone().unwrap_or_default();
        let (before, release) = (beginning.before, beginning.release);
        let (number, now_ms) = (release.release, publication.now_ms);
        match pace {
            Pace::Staged => rollout::first(before, number, policy, &members, now_ms),
            Pace::AtOnce => {
                let why = format!("{}, by {}", releases::origin(release), release.by);
                Rollout {
                    policy,
                    ..rollout::everyone(before, number, &why, now_ms)
                }
            }
        }
    };
    store.publish(app, publication, begin).await
}

/// Says who was first, when and why.
pub(super) fn overtaken(error: Error, now_ms: i64) -> anyhow::Error {
    let Error::Overtaken {
        app,
        expected,
        head: Some(head),
    } = &error
    else {
        return error.into();
    };
    let was = match expected {
        0 => "none".to_owned(),
        number => number.to_string(),
    };
    let told = releases::told(head, now_ms);
    let why = format!(
        "{app} was expected to be at release {was}, but is at {told}; nothing was changed: look at \
         it with `dockeeper config show {app}`, and decide again"
    );
    Failure::new(Code::Overtaken, why).into()
}

fn tell(app: &AppName, published: &Published, output: Output, now_ms: i64) -> anyhow::Result<()> {
    let (release, is_new) = match published {
        Published::New(release) => (release, true),
        Published::Unchanged(release) => (release, false),
    };
    match output {
        Output::Text if is_new => output::note(&format!("{app} is at {}", content(release))),
        Output::Text => output::note(&format!(
            "nothing to change: {app} is at {} already",
            releases::told(release, now_ms)
        )),
        Output::Name => output::print(&format!("{}\n", release.release))?,
        Output::Json => output::print(&json::line(&Item {
            app,
            is_new,
            release: release.into(),
        })?)?,
    }
    Ok(())
}

fn content(release: &Release) -> String {
    let count = |count: u32, what| text::count(usize::try_from(count).unwrap_or(usize::MAX), what);
    let (files, values) = (count(release.files, "file"), count(release.keys, "value"));
    format!("release {}: {files}, {values}", release.release)
}
