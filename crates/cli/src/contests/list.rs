use super::{Entry, Kind, read};
use crate::{
    args::Global,
    interrupt,
    listing::{self, Page, Shown, View},
    live,
    output::{self, Options, age::ago, table::Table, text},
    zookeeper,
};
use dockeeper_recipes::Error;
use dockeeper_registry::cluster::{Scope, Skipped};
use dockeeper_zk_client::{Client, ErrorCode, path};
use serde::Serialize;

/// Something that is contended for, as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    name: String,
    holders: Vec<Entry>,
    waiting: Vec<Entry>,
}

/// Prints all that have a name, and who holds them.
pub(crate) async fn list(kind: Kind, options: &Options, global: &Global) -> anyhow::Result<()> {
    if !options.watch {
        return zookeeper::with(global, async |session| {
            let page = page(&session.client, kind, &View::now(options.output)).await?;
            output::print(&page.text)?;
            listing::warn_of(&page.skipped);
            if page.is_empty {
                output::note(&nothing(kind));
            }
            Ok(())
        })
        .await;
    }
    let mut shown = Shown::default();
    let followed = live::follow(global, &[kind.scope()], async |session, _| {
        let view = View::now(options.output);
        let page = page(&session.client, kind, &view).await?;
        if shown.show(&page, &view)? && page.is_empty {
            output::note(&nothing(kind));
        }
        Ok(())
    })
    .await;
    interrupt::is_the_end(followed)
}

fn nothing(kind: Kind) -> String {
    format!("nobody holds or waits for any {}", kind.noun())
}

async fn page(client: &Client, kind: Kind, view: &View) -> anyhow::Result<Page> {
    let mut names = match client.list(kind.root()).await {
        Ok((names, _)) => names,
        Err(error) if error.is(ErrorCode::NoNode) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    names.sort_unstable();
    let (mut items, mut skipped) = (Vec::new(), Vec::new());
    for name in names {
        let znode = path::join(kind.root(), &name);
        match read(client, kind, &znode).await {
            // ZooKeeper removes what nobody contends for in its own time.
            Ok(found) if found.is_empty() => {}
            Ok(found) => {
                let entries = found.into_iter().map(Entry::from);
                let (holders, waiting) = entries.partition(|entry| entry.is_holder);
                items.push(Item {
                    name,
                    holders,
                    waiting,
                });
            }
            Err(foreign @ Error::Foreign { .. }) => skipped.push(Skipped {
                path: znode,
                why: foreign.to_string(),
            }),
            Err(error) => return Err(error.into()),
        }
    }
    let table = || table(&items, view);
    Page::new(view, &items, skipped, table, |item| item.name.clone())
}

fn table(items: &[Item], view: &View) -> Table {
    let mut header = vec!["NAME", "HOLDER", "CONTAINER", "SINCE", "WAITING"];
    if view.is_wide() {
        header.extend(["COMMAND", "TOKEN", "NEXT"]);
    }
    let mut table = Table::new(&header);
    for item in items {
        let first = item.holders.first();
        let since_ms = first.map_or(0, |holder| holder.since_ms);
        let mut row = vec![
            item.name.as_str().into(),
            text::list(item.holders.iter().map(Entry::who)).into(),
            text::list(
                item.holders
                    .iter()
                    .filter_map(|holder| Some(holder.container.as_ref()?.name.clone())),
            )
            .into(),
            ago(view.now_ms, since_ms).into(),
            item.waiting.len().to_string().into(),
        ];
        if view.is_wide() {
            row.extend([
                first
                    .map_or(String::new(), |first| first.command.join(" "))
                    .into(),
                text::list(item.holders.iter().map(|holder| holder.token)).into(),
                item.waiting
                    .first()
                    .map_or(String::new(), Entry::who)
                    .into(),
            ]);
        }
        table.push(row);
    }
    table
}

// === impl Kind ===

impl Kind {
    pub(super) fn scope(self) -> Scope {
        match self {
            Self::Lock => Scope::Locks,
            Self::Semaphore => Scope::Semaphores,
            Self::Election => Scope::Elections,
        }
    }
}
