use super::{Entry, Found, Kind, read};
use crate::{
    args::Global,
    exit::{Code, Failure},
    holding::Place,
    interrupt,
    listing::{Page, Shown, View},
    live,
    output::{
        self, Options,
        table::{Cell, Table, Tone},
    },
    zookeeper,
};
use dockeeper_model::{LockName, layout};
use dockeeper_zk_client::path;

/// Prints who holds one and who waits, in their order.
pub(crate) async fn show(
    kind: Kind,
    place: &Place,
    options: &Options,
    global: &Global,
) -> anyhow::Result<()> {
    let znode = place.znode(|name| kind.znode(name));
    let nobody = format!(
        "nobody {} or waits for the {} {}",
        kind.verb(),
        kind.noun(),
        place.label()
    );
    let servers = place.servers(global)?;
    let prefix = zookeeper::tree_prefix(global, &servers)?;
    if !options.watch {
        return zookeeper::with_servers(global, servers, async |session| {
            let view = View::now(options.output);
            let found = read(&session.client, kind, &znode, &prefix).await?;
            let page = page(kind, found, &view)?;
            output::print(&page.text)?;
            if page.is_empty {
                let failure = match page.warnings.into_iter().next() {
                    Some(warning) => Failure::new(Code::Failure, warning),
                    None => Failure::not_found(nobody),
                };
                return Err(failure.into());
            }
            page.warn();
            Ok(())
        })
        .await;
    }
    let mut shown = Shown::default();
    let scope = kind.scope();
    if !place.has_name() {
        let why = "--watch follows those with a name only: leave it out, or --path";
        return Err(Failure::usage(why).into());
    }
    let followed = live::follow(global, &[scope], async |session, _| {
        let view = View::now(options.output);
        let found = read(&session.client, kind, &znode, &prefix).await?;
        let page = page(kind, found, &view)?;
        if shown.show(&page, &view)? && page.is_empty && page.warnings.is_empty() {
            output::note(&nobody);
        }
        Ok(())
    })
    .await;
    interrupt::is_the_end(followed)
}

fn page(kind: Kind, found: Found, view: &View) -> anyhow::Result<Page> {
    let entries = &found.entries;
    let table = || table(kind, entries, view);
    let page = Page::new(view, entries, Vec::new(), table, |entry| {
        entry.znode.clone()
    })?;
    Ok(Page {
        warnings: found.warning.into_iter().collect(),
        ..page
    })
}

fn table(kind: Kind, entries: &[Entry], view: &View) -> Table {
    let mut header = vec!["STATE", "FOR", "WHO", "CONTAINER", "COMMAND", "SINCE"];
    if view.is_wide() {
        header.extend(["TOKEN", "SESSION", "ZNODE"]);
    }
    let mut table = Table::new(&header);
    for entry in entries {
        let state = match entry.is_holder {
            true => Cell::new(kind.verb(), Tone::Good),
            false => "waits".into(),
        };
        let mut row = vec![
            state,
            entry.role.into(),
            entry.who().into(),
            entry.container_name().into(),
            entry.command.join(" ").into(),
            entry.since(view.now_ms).into(),
        ];
        if view.is_wide() {
            let name = path::parent(&entry.znode).map_or("", |parent| &entry.znode[parent.len()..]);
            row.extend([
                entry.token.to_string().into(),
                entry.session.as_str().into(),
                name.trim_start_matches('/').into(),
            ]);
        }
        table.push(row);
    }
    table
}

// === impl Kind ===

impl Kind {
    /// Where the one with this name lies.
    pub(super) fn znode(self, name: &LockName) -> String {
        match self {
            Self::Lock => layout::lock(name),
            Self::Semaphore => layout::semaphore(name),
            Self::Election => layout::election(name),
        }
    }
}
