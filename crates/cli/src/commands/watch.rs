mod change;
mod item;

use crate::{
    args::Global,
    clock, interrupt, listing, live,
    output::{self, Lines},
};
use change::Change;
use clap::ValueEnum;
use dockeeper_registry::cluster::{ContainerFilter, Listing, Scope, Skipped, Snapshot};
use item::Item;
use serde::Serialize;
use std::collections::BTreeMap;

/// The options of `watch`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each line is the time, + (added), - (removed) or ~ (changed), and what. Changes that cancel each \
other within 50 milliseconds are not printed. With -o json each line is an object with timeMs, \
change (added, removed, changed), fields (what changed), and item.")]
pub(crate) struct Args {
    /// What to watch
    what: What,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Lines,

    /// Begin with what is there already, as added
    #[arg(long)]
    initial: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// The instances of all services
    Services,
    /// The containers of all hosts
    Containers,
    /// The Docker hosts
    Nodes,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    let mut known: Option<BTreeMap<String, Item>> = None;
    let mut warned = Vec::new();
    let scopes = [args.what.scope()];
    let followed = live::follow(global, &scopes, async |_, snapshot| {
        let (items, skipped) = args.what.items(snapshot)?;
        let before = match known.take() {
            None if !args.initial => items.clone(),
            before => before.unwrap_or_default(),
        };
        for change in change::between(&before, &items) {
            print(&change, args.output)?;
        }
        known = Some(items);
        if skipped != warned {
            listing::warn_of(&skipped);
            warned = skipped;
        }
        Ok(())
    });
    interrupt::is_the_end(followed.await)
}

fn print(change: &Change<'_>, format: Lines) -> anyhow::Result<()> {
    let now_ms = clock::now_ms();
    output::print(&match format {
        Lines::Text => format!("{} {change}\n", clock::iso8601(now_ms)),
        Lines::Json => output::json::line(&change.to_json(now_ms))?,
    })
}

// === impl What ===

impl What {
    fn scope(self) -> Scope {
        match self {
            Self::Services => Scope::Services,
            Self::Containers => Scope::Containers,
            Self::Nodes => Scope::Nodes,
        }
    }

    fn items(self, snapshot: &Snapshot) -> anyhow::Result<(BTreeMap<String, Item>, Vec<Skipped>)> {
        match self {
            Self::Services => items(snapshot.all_instances(), Item::of_instance),
            Self::Containers => items(
                snapshot.containers(&ContainerFilter::default()),
                Item::of_container,
            ),
            Self::Nodes => items(snapshot.nodes(), Item::of_node),
        }
    }
}

fn items<T: Serialize>(
    listing: Listing<T>,
    read: impl Fn(&T) -> anyhow::Result<(String, Item)>,
) -> anyhow::Result<(BTreeMap<String, Item>, Vec<Skipped>)> {
    let items = listing.items.iter().map(read);
    Ok((items.collect::<Result<_, _>>()?, listing.skipped))
}
