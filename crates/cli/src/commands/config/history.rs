use super::{
    listing::{self, Listed},
    releases,
};
use crate::{
    args::Global,
    listing::{Page, View},
    output::{Options, age::ago, size, table::Table},
};
use dockeeper_config::store::{Error, Store};
use dockeeper_model::{
    config::{AppName, Release},
    layout,
};

/// The options of `config history`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// How many, the newest first
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    count: usize,

    #[command(flatten)]
    options: Options,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let root = layout::app(&args.app);
    listing::run(&args.options, &root, global, async |session, view| {
        list(args, &Store::new(&session.client), view).await
    })
    .await
}

async fn list(args: &Args, store: &Store, view: &View) -> anyhow::Result<Listed> {
    if store.app(&args.app).await?.is_none() {
        return Err(Error::NoApp(args.app.clone()).into());
    }
    let found = store.history(&args.app, args.count).await?;
    let items: Vec<_> = found.iter().map(releases::Item::from).collect();
    let table = || table(&found, view);
    let page = Page::new(view, &items, Vec::new(), table, releases::Item::name)?;
    Ok(Listed {
        page,
        why_empty: format!("{} has no release", args.app),
    })
}

fn table(found: &[Release], view: &View) -> Table {
    let mut header = vec!["RELEASE", "CREATED", "BY", "FROM", "MESSAGE"];
    if view.is_wide() {
        header.extend(["FILES", "VALUES", "SIZE", "CONTENT"]);
    }
    let mut table = Table::new(&header);
    for release in found {
        let mut row = vec![
            release.release.to_string().into(),
            ago(view.now_ms, release.created_ms).into(),
            release.by.as_str().into(),
            releases::origin(release).into(),
            release.message.as_str().into(),
        ];
        if view.is_wide() {
            row.extend([
                release.files.to_string().into(),
                release.keys.to_string().into(),
                size::bytes(release.bytes).into(),
                release.manifest.short().into(),
            ]);
        }
        table.push(row);
    }
    table
}
