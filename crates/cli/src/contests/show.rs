use super::{Entry, Kind, read};
use crate::{
    args::Global,
    exit::Failure,
    holding::Place,
    interrupt,
    listing::{Page, Shown, View},
    live,
    output::{
        self, Options,
        age::ago,
        table::{Cell, Table, Tone},
    },
    zookeeper,
};
use dockeeper_model::{LockName, layout};
use dockeeper_zk_client::{Client, path};

/// Prints who holds one and who waits, in their order.
pub(crate) async fn show(
    kind: Kind,
    place: &Place,
    options: &Options,
    global: &Global,
) -> anyhow::Result<()> {
    let znode = place.znode(|name| kind.znode(name));
    let nobody = format!(
        "nobody holds or waits for the {} {}",
        kind.noun(),
        place.label()
    );
    if !options.watch {
        let servers = place.servers(global)?;
        return zookeeper::with_servers(global, servers, async |session| {
            let view = View::now(options.output);
            let page = page(&session.client, kind, &znode, &view).await?;
            output::print(&page.text)?;
            match page.is_empty {
                true => Err(Failure::not_found(nobody).into()),
                false => Ok(()),
            }
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
        let page = page(&session.client, kind, &znode, &view).await?;
        if shown.show(&page, &view)? && page.is_empty {
            output::note(&nobody);
        }
        Ok(())
    })
    .await;
    interrupt::is_the_end(followed)
}

async fn page(client: &Client, kind: Kind, znode: &str, view: &View) -> anyhow::Result<Page> {
    let found = read(client, kind, znode).await?;
    let entries: Vec<_> = found.into_iter().map(Entry::from).collect();
    let table = || table(&entries, view);
    Page::new(view, &entries, Vec::new(), table, |entry| {
        entry.znode.clone()
    })
}

fn table(entries: &[Entry], view: &View) -> Table {
    let mut header = vec!["STATE", "FOR", "WHO", "CONTAINER", "COMMAND", "SINCE"];
    if view.is_wide() {
        header.extend(["TOKEN", "SESSION", "ZNODE"]);
    }
    let mut table = Table::new(&header);
    for entry in entries {
        let state = match entry.is_holder {
            true => Cell::new("holds", Tone::Good),
            false => "waits".into(),
        };
        let mut row = vec![
            state,
            entry.role.into(),
            entry.who().into(),
            entry.container_name().into(),
            entry.command.join(" ").into(),
            ago(view.now_ms, entry.since_ms).into(),
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
