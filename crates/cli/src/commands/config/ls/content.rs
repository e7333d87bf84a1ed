//! The files and values of an app's newest release.

use crate::{
    commands::config::{listing::Listed, releases},
    listing::{Page, View},
    output::{size, table::Table},
};
use dockeeper_config::store::Store;
use dockeeper_model::config::{AppName, Manifest};
use serde::Serialize;

/// A file or a value, as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    /// Of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gid: Option<u32>,
    bytes: u64,
}

/// Lists them.
pub(super) async fn list(app: &AppName, store: &Store, view: &View) -> anyhow::Result<Listed> {
    let head = releases::find(store, app, None).await?;
    let items = items(&store.manifest(&head).await?);
    let page = Page::new(
        view,
        &items,
        Vec::new(),
        || table(&items),
        |item| item.name.clone(),
    )?;
    Ok(Listed {
        page,
        why_empty: format!(
            "release {} of {app} has neither a file nor a value",
            head.release
        ),
    })
}

fn items(manifest: &Manifest) -> Vec<Item> {
    let files = manifest.files.iter().map(|(path, file)| Item {
        kind: "file",
        name: path.to_string(),
        mode: Some(file.mode),
        uid: Some(file.uid),
        gid: Some(file.gid),
        bytes: file.size,
    });
    let values = manifest.keys.iter().map(|(key, value)| Item {
        kind: "value",
        name: key.to_string(),
        mode: None,
        uid: None,
        gid: None,
        bytes: value.len() as u64,
    });
    files.chain(values).collect()
}

fn table(items: &[Item]) -> Table {
    let mut table = Table::new(&["TYPE", "NAME", "MODE", "OWNER", "SIZE"]);
    for item in items {
        let mode = item.mode.map(|mode| format!("{mode:04o}"));
        let owner = item.uid.zip(item.gid);
        let owner = owner.map(|(uid, gid)| format!("{uid}:{gid}"));
        table.push(vec![
            item.kind.into(),
            item.name.as_str().into(),
            mode.unwrap_or_default().into(),
            owner.unwrap_or_default().into(),
            size::bytes(item.bytes).into(),
        ]);
    }
    table
}
