use crate::{
    args::Global,
    commands::config::listing::{self, Listed},
    listing::{Page, View},
    output::{Options, age::ago, table::Table, text},
};
use dockeeper_config::secrets::Store;
use dockeeper_model::{
    NodeName,
    config::{SecretName, SecretRecord},
    layout,
};
use serde::Serialize;

/// The options of `config secret ls`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
}

/// A secret as JSON shows it: without what it is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    name: SecretName,
    version: u64,
    by: String,
    created_ms: i64,
    nodes: Vec<NodeName>,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    listing::run(
        &args.options,
        layout::SECRETS,
        global,
        async |session, view| list(&Store::new(&session.client), view).await,
    )
    .await
}

async fn list(store: &Store, view: &View) -> anyhow::Result<Listed> {
    let secrets = store.list().await?.into_iter();
    let items: Vec<_> = secrets
        .map(|(name, record)| Item::new(name, record))
        .collect();
    let table = || table(&items, view);
    Ok(Listed {
        page: Page::new(view, &items, Vec::new(), table, |item| {
            item.name.to_string()
        })?,
        why_empty: "there is no secret".to_owned(),
    })
}

fn table(items: &[Item], view: &View) -> Table {
    let mut header = vec!["NAME", "VERSION", "SET", "BY", "HOSTS"];
    if view.is_wide() {
        header.push("DECRYPTED BY");
    }
    let mut table = Table::new(&header);
    for item in items {
        let mut row = vec![
            item.name.as_str().into(),
            item.version.to_string().into(),
            ago(view.now_ms, item.created_ms).into(),
            item.by.as_str().into(),
            item.nodes.len().to_string().into(),
        ];
        if view.is_wide() {
            row.push(text::list(&item.nodes).into());
        }
        table.push(row);
    }
    table
}

// === impl Item ===

impl Item {
    fn new(name: SecretName, record: SecretRecord) -> Self {
        Self {
            name,
            version: record.version,
            by: record.by,
            created_ms: record.created_ms,
            nodes: record.recipients.into_keys().collect(),
        }
    }
}
