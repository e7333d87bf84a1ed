mod content;

use super::{
    listing::{self, Listed},
    releases,
    status::rollout_cell,
};
use crate::{
    args::Global,
    listing::{Page, View},
    output::{Options, age::ago, size, table::Table},
};
use dockeeper_config::store::{Store, Summary};
use dockeeper_model::{
    config::{AppName, Release, Rollout},
    layout,
};
use dockeeper_registry::cluster::Skipped;
use serde::Serialize;

/// The options of `config ls`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// List the files and values of this app's newest release
    app: Option<AppName>,

    #[command(flatten)]
    options: Options,
}

/// An app as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    app: &'a AppName,
    head: Option<releases::Item<'a>>,
    phase: Option<dockeeper_model::config::Phase>,
}

/// An app that can be read.
struct Found {
    app: AppName,
    head: Option<Release>,
    rollout: Option<Rollout>,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let Some(app) = &args.app else {
        return listing::run(
            &args.options,
            layout::CONFIG,
            global,
            async |session, view| apps(&Store::new(&session.client), view).await,
        )
        .await;
    };
    let root = layout::app(app);
    listing::run(&args.options, &root, global, async |session, view| {
        content::list(app, &Store::new(&session.client), view).await
    })
    .await
}

async fn apps(store: &Store, view: &View) -> anyhow::Result<Listed> {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    for Summary { app, state } in store.apps().await? {
        match state {
            Ok(state) => found.push(Found {
                app,
                head: state.head,
                rollout: state.rollout,
            }),
            Err(why) => skipped.push(Skipped {
                path: layout::app(&app),
                why: why.to_string(),
            }),
        }
    }
    let items: Vec<_> = found.iter().map(Item::from).collect();
    let table = || table(&found, view);
    Ok(Listed {
        page: Page::new(view, &items, skipped, table, |item| item.app.to_string())?,
        why_empty: "no app has a configuration".to_owned(),
    })
}

fn table(found: &[Found], view: &View) -> Table {
    let mut header = vec!["APP", "RELEASE", "CREATED", "BY", "ROLLOUT", "MESSAGE"];
    if view.is_wide() {
        header.extend(["FILES", "VALUES", "SIZE"]);
    }
    let mut table = Table::new(&header);
    for Found { app, head, rollout } in found {
        let head = head.as_ref();
        let text = |tell: fn(&Release) -> String| head.map(tell).unwrap_or_default();
        let created_ms = head.map_or(0, |head| head.created_ms);
        let mut row = vec![
            app.as_str().into(),
            text(|head| head.release.to_string()).into(),
            ago(view.now_ms, created_ms).into(),
            text(|head| head.by.clone()).into(),
            rollout_cell(rollout.as_ref()),
            text(|head| head.message.clone()).into(),
        ];
        if view.is_wide() {
            row.extend([
                text(|head| head.files.to_string()).into(),
                text(|head| head.keys.to_string()).into(),
                text(|head| size::bytes(head.bytes)).into(),
            ]);
        }
        table.push(row);
    }
    table
}

// === impl Item ===

impl<'a> From<&'a Found> for Item<'a> {
    fn from(found: &'a Found) -> Self {
        Self {
            app: &found.app,
            head: found.head.as_ref().map(releases::Item::from),
            phase: found.rollout.as_ref().map(|rollout| rollout.phase),
        }
    }
}
