//! Who holds what and who waits for it, for people.

mod list;
mod removal;
mod show;

pub(crate) use self::{list::list, removal::remove_holders, show::show};

use dockeeper_model::{
    holder::{Container, Identity},
    layout,
};
use dockeeper_recipes::{
    Contender, Error, Naming, contenders,
    line::Line,
    naming::Role,
    semaphore::{LEASES, LOCKS},
};
use dockeeper_zk_client::{Client, path};
use serde::Serialize;

/// What is contended for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Lock,
    Semaphore,
    Election,
}

/// One who holds or waits, as JSON shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    znode: String,
    is_holder: bool,
    role: &'static str,
    /// The fencing token.
    token: i64,
    session: String,
    host: Option<String>,
    node: Option<String>,
    container: Option<Container>,
    pid: Option<u32>,
    command: Vec<String>,
    /// What another program says of itself.
    text: Option<String>,
    since_ms: i64,
}

// === impl Kind ===

impl Kind {
    /// Below which znode those with names lie.
    fn root(self) -> &'static str {
        match self {
            Self::Lock => layout::LOCKS,
            Self::Semaphore => layout::SEMAPHORES,
            Self::Election => layout::ELECTIONS,
        }
    }

    /// What people call it.
    fn noun(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Semaphore => "semaphore",
            Self::Election => "election",
        }
    }

    /// What may lie there: nothing else says whose names were chosen.
    fn lines(self) -> Vec<Line> {
        let families = [Naming::Curator, Naming::Kazoo];
        match self {
            Self::Lock => families
                .into_iter()
                .flat_map(|naming| [Line::mutex(naming), Line::read_write(naming)])
                .collect(),
            Self::Semaphore => families.into_iter().map(Line::mutex).collect(),
            Self::Election => families.into_iter().map(Line::election).collect(),
        }
    }
}

/// Those who contend, in their order.
async fn read(client: &Client, kind: Kind, znode: &str) -> Result<Vec<Contender>, Error> {
    if kind == Kind::Semaphore {
        return read_semaphore(client, znode).await;
    }
    contenders(client, znode, &kind.lines()).await
}

/// Of Curator's semaphore: a lease is held, unless its owner still stands in the line before it.
async fn read_semaphore(client: &Client, znode: &str) -> Result<Vec<Contender>, Error> {
    let (locks, leases) = (path::join(znode, LOCKS), path::join(znode, LEASES));
    let waiting = contenders(client, &locks, &Kind::Semaphore.lines()).await?;
    let mut found = contenders(client, &leases, &[Line::leases()]).await?;
    found.retain(|lease| {
        let owner = lease.stat.ephemeral_owner;
        !waiting
            .iter()
            .any(|waits| waits.stat.ephemeral_owner == owner)
    });
    found.extend(waiting.into_iter().map(|waits| Contender {
        is_holder: false,
        ..waits
    }));
    Ok(found)
}

// === impl Entry ===

impl From<Contender> for Entry {
    fn from(contender: Contender) -> Self {
        let mut entry = Self {
            is_holder: contender.is_holder,
            role: match contender.role {
                Role::Lock => "lock",
                Role::Latch => "candidate",
                Role::Lease => "permit",
                Role::Read => "shared",
                Role::Write => "exclusive",
            },
            token: contender.stat.czxid,
            session: format!("{:#x}", contender.stat.ephemeral_owner),
            since_ms: contender.stat.ctime_ms,
            znode: contender.node,
            host: None,
            node: None,
            container: None,
            pid: None,
            command: Vec::new(),
            text: None,
        };
        match Identity::read(&contender.data) {
            Identity::Holder(holder) => {
                entry.host = Some(holder.host);
                entry.node = holder.node;
                entry.container = holder.container;
                entry.pid = Some(holder.pid);
                entry.command = holder.command;
            }
            Identity::Text(text) => entry.text = Some(text),
            Identity::Unknown => {}
        }
        entry
    }
}

impl Entry {
    /// Who it is, in a word or two.
    fn who(&self) -> String {
        match (&self.host, self.pid, &self.text) {
            (Some(host), Some(pid), _) => format!("{host} (process {pid})"),
            (_, _, Some(text)) => text.clone(),
            _ => format!("session {}", self.session),
        }
    }

    fn container_name(&self) -> String {
        let container = self.container.as_ref();
        container.map_or_else(String::new, |container| container.name.clone())
    }
}
