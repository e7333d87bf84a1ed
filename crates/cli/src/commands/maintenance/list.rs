use crate::{
    args::Global,
    listing::{self, Empty, Page, Report, View},
    output::{Options, age::ago, table::Table},
    zookeeper::Session,
};
use dockeeper_model::{Maintenance, maintenance::Subject};
use dockeeper_registry::cluster::{Mark, Scope, Snapshot};
use serde::Serialize;

/// The options of `maintenance ls`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
}

/// A mark as JSON shows it.
#[derive(Serialize)]
struct Item {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    #[serde(flatten)]
    maintenance: Maintenance,
}

pub(super) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    listing::run(&args, &args.options, global).await
}

impl Report for Args {
    fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Maintenance]
    }

    fn render(&self, snapshot: &Snapshot, view: &View) -> anyhow::Result<Page> {
        let items: Vec<_> = snapshot.marks().into_iter().map(Item::from).collect();
        let table = || table(&items, view);
        Page::new(view, &items, Vec::new(), table, |item| item.name.clone())
    }

    async fn why_empty(&self, _: &Session) -> anyhow::Result<Empty> {
        Ok(Empty::Fine("nothing is out of service".to_owned()))
    }
}

fn table(items: &[Item], view: &View) -> Table {
    let mut table = Table::new(&["TYPE", "NAME", "NODE", "SINCE", "BY", "REASON"]);
    for item in items {
        // Docker's short form of an id, except where there is room.
        let name = match item.kind {
            "container" if !view.is_wide() => crate::commands::ps::short(&item.name),
            _ => &item.name,
        };
        let mark = &item.maintenance;
        table.push(vec![
            item.kind.into(),
            name.into(),
            mark.node.as_deref().unwrap_or_default().into(),
            ago(view.now_ms, mark.since_ms).into(),
            mark.by.as_str().into(),
            mark.reason.as_str().into(),
        ]);
    }
    table
}

// === impl Item ===

impl From<Mark> for Item {
    fn from(mark: Mark) -> Self {
        let (kind, name) = match mark.subject {
            Subject::Node(name) => ("node", name),
            Subject::Service(name) => ("service", name),
            Subject::Container(id) => ("container", id),
        };
        Self {
            kind,
            name,
            maintenance: mark.maintenance,
        }
    }
}
