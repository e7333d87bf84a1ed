use crate::{
    args::Global,
    listing::{self, Empty, Page, Report, View},
    output::{Options, table::Table, text},
    zookeeper::Session,
};
use dockeeper_registry::cluster::{Scope, Service, Snapshot};
use serde::Serialize;
use std::collections::BTreeSet;

/// The options of `services`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
}

/// A service as JSON shows it.
#[derive(Serialize)]
struct Item {
    name: String,
    instances: usize,
    tags: BTreeSet<String>,
    nodes: BTreeSet<String>,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    listing::run(&args, &args.options, global).await
}

impl Report for Args {
    fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Services]
    }

    fn render(&self, snapshot: &Snapshot, view: &View) -> anyhow::Result<Page> {
        let listing = snapshot.services();
        let items: Vec<_> = listing.items.into_iter().map(Item::from).collect();
        let table = || table(&items, view);
        Page::new(view, &items, listing.skipped, table, |item| {
            item.name.clone()
        })
    }

    async fn why_empty(&self, _: &Session) -> anyhow::Result<Empty> {
        Ok(Empty::Fine(
            "no instance of any service is registered".to_owned(),
        ))
    }
}

fn table(services: &[Item], view: &View) -> Table {
    let mut header = vec!["NAME", "INSTANCES", "TAGS"];
    if view.is_wide() {
        header.push("NODES");
    }
    let mut table = Table::new(&header);
    for service in services {
        let mut row = vec![
            service.name.as_str().into(),
            service.instances.to_string().into(),
            text::list(&service.tags).into(),
        ];
        if view.is_wide() {
            row.push(text::list(&service.nodes).into());
        }
        table.push(row);
    }
    table
}

// === impl Item ===

impl From<Service> for Item {
    fn from(service: Service) -> Self {
        Self {
            name: service.name,
            instances: service.instances,
            tags: service.tags,
            nodes: service.nodes,
        }
    }
}
