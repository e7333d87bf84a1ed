//! Releases, as commands find and show them.

use crate::output::{age::ago, text};
use dockeeper_config::store::{Error, Store};
use dockeeper_model::config::{AppName, Kind, Release};
use serde::Serialize;

/// A release as JSON shows it: without what it carries.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item<'a> {
    release: u64,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u64>,
    message: &'a str,
    by: &'a str,
    created_ms: i64,
    files: u32,
    keys: u32,
    bytes: u64,
    manifest: String,
}

/// The release of a number, or the newest one.
pub(super) async fn find(
    store: &Store,
    app: &AppName,
    number: Option<u64>,
) -> Result<Release, Error> {
    match number {
        Some(number) => store.release(app, number).await,
        None => {
            let head = store.head(app).await?;
            head.ok_or_else(|| Error::NoApp(app.clone()))
        }
    }
}

/// The number of a release on the command line.
pub(super) fn number(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a release's number is 1 or more".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// How a release came to be: `set`, `rollback to 4`.
pub(super) fn origin(release: &Release) -> String {
    let kind = match release.kind {
        Kind::AutoRollback => "automatic rollback",
        kind => kind.as_str(),
    };
    match release.of {
        Some(of) => format!("{kind} to {of}"),
        None => kind.to_owned(),
    }
}

/// Who made a release, when and why: `release 4, made by me@h 2 minutes ago: "a message"`.
pub(super) fn told(release: &Release, now_ms: i64) -> String {
    let (number, by) = (release.release, text::clean(&release.by));
    let when = ago(now_ms, release.created_ms);
    let told = format!("release {number}, made by {by} {when}");
    match release.message.as_str() {
        "" => told,
        message => format!("{told}: \"{}\"", text::clean(message)),
    }
}

// === impl Item ===

impl Item<'_> {
    /// What other commands take.
    pub(super) fn name(&self) -> String {
        self.release.to_string()
    }
}

impl<'a> From<&'a Release> for Item<'a> {
    fn from(release: &'a Release) -> Self {
        Self {
            release: release.release,
            kind: release.kind.as_str(),
            of: release.of,
            message: &release.message,
            by: &release.by,
            created_ms: release.created_ms,
            files: release.files,
            keys: release.keys,
            bytes: release.bytes,
            manifest: release.manifest.to_string(),
        }
    }
}
