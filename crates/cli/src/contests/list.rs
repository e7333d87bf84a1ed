use super::{Entry, Kind, read};
use crate::{
    args::Global,
    exit::Failure,
    interrupt,
    listing::{Page, Shown, View},
    live,
    output::{self, Options, table::Table, text},
    tree::tally::Paths,
    zookeeper::{self, Session},
};
use dockeeper_recipes::Error;
use dockeeper_registry::cluster::Scope;
use dockeeper_zk_client::{ErrorCode, path};
use serde::Serialize;

/// Something that is contended for, as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    name: String,
    holders: Vec<Entry>,
    waiting: Vec<Entry>,
}

/// What there is.
#[derive(Default)]
struct All {
    items: Vec<Item>,
    warnings: Vec<String>,
    /// Those that the session may not look at.
    hidden: Paths,
}

/// Prints all that have a name, and who holds them.
pub(crate) async fn list(kind: Kind, options: &Options, global: &Global) -> anyhow::Result<()> {
    let prefix = zookeeper::tree_prefix(global, &zookeeper::servers(global)?)?;
    if !options.watch {
        return zookeeper::with(global, async |session| {
            let all = All::read(session, kind, &prefix).await?;
            let failure = all.failure(session);
            let page = all.page(kind, &View::now(options.output))?;
            output::print(&page.text)?;
            page.warn();
            match failure {
                Some(failure) => Err(failure.into()),
                None => Ok(()),
            }
        })
        .await;
    }
    let mut shown = Shown::default();
    let followed = live::follow(global, &[kind.scope()], async |session, _| {
        let view = View::now(options.output);
        let mut all = All::read(session, kind, &prefix).await?;
        let failure = all.failure(session);
        all.warnings.extend(failure.map(|failure| failure.message));
        shown.show(&all.page(kind, &view)?, &view)?;
        Ok(())
    })
    .await;
    interrupt::is_the_end(followed)
}

// === impl All ===

impl All {
    async fn read(session: &Session, kind: Kind, prefix: &str) -> anyhow::Result<Self> {
        let mut names = match session.client.list(kind.root()).await {
            Ok((names, _)) => names,
            Err(error) if error.is(ErrorCode::NoNode) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        names.sort_unstable();
        let mut all = Self::default();
        for name in names {
            let znode = path::join(kind.root(), &name);
            match read(&session.client, kind, &znode, prefix).await {
                Ok(found) => {
                    all.warnings.extend(found.warning);
                    // ZooKeeper removes what nobody contends for in its own time.
                    if !found.entries.is_empty() {
                        let entries = found.entries.into_iter();
                        let (holders, waiting) = entries.partition(|entry| entry.is_holder);
                        all.items.push(Item {
                            name,
                            holders,
                            waiting,
                        });
                    }
                }
                Err(Error::Refused(error)) if error.is(ErrorCode::NoAuth) => {
                    all.hidden.add(&format!("{prefix}{znode}"));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(all)
    }

    /// What is said at the end when not all could be looked at.
    fn failure(&self, session: &Session) -> Option<Failure> {
        let is_hidden = self.hidden.count > 0;
        is_hidden.then(|| session.unreadable(&self.hidden, "they are left out"))
    }

    fn page(self, kind: Kind, view: &View) -> anyhow::Result<Page> {
        let is_sure = self.warnings.is_empty() && self.hidden.count == 0;
        let items = &self.items;
        let table = || table(items, view);
        let page = Page::new(view, items, Vec::new(), table, |item| item.name.clone())?;
        let nothing = page.is_empty && is_sure;
        Ok(Page {
            warnings: self.warnings,
            note: nothing
                .then(|| format!("nobody {} or waits for any {}", kind.verb(), kind.noun())),
            ..page
        })
    }
}

fn table(items: &[Item], view: &View) -> Table {
    let mut header = vec!["NAME", "HOLDER", "CONTAINER", "SINCE", "WAITING"];
    if view.is_wide() {
        header.extend(["COMMAND", "TOKEN", "NEXT"]);
    }
    let mut table = Table::new(&header);
    for item in items {
        let first = item.holders.first();
        let since = first.map_or_else(|| text::or_dash(""), |first| first.since(view.now_ms));
        let mut row = vec![
            item.name.as_str().into(),
            text::list(item.holders.iter().map(Entry::who)).into(),
            text::list(
                item.holders
                    .iter()
                    .filter_map(|holder| Some(holder.container.as_ref()?.name.clone())),
            )
            .into(),
            since.into(),
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
