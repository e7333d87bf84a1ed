use crate::output::age::ago;
use dockeeper_model::holder::{Container, Identity};
use dockeeper_recipes::{Contender, naming::Role};
use serde::Serialize;

/// One who holds or waits, as JSON shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    /// As the `zk` commands see it.
    pub(super) znode: String,
    /// As the session does.
    #[serde(skip)]
    pub(super) path: String,
    pub(super) is_holder: bool,
    pub(super) role: &'static str,
    /// The fencing token.
    pub(super) token: i64,
    pub(super) session: String,
    pub(super) host: Option<String>,
    pub(super) node: Option<String>,
    pub(super) container: Option<Container>,
    pub(super) pid: Option<u32>,
    pub(super) command: Vec<String>,
    /// What another program says of itself.
    pub(super) text: Option<String>,
    /// When it came.
    pub(super) since_ms: i64,
    /// Since when it holds, where it says so.
    pub(super) held_since_ms: Option<i64>,
}

// === impl Entry ===

impl Entry {
    pub(super) fn new(contender: Contender, prefix: &str) -> Self {
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
            held_since_ms: None,
            znode: format!("{prefix}{}", contender.node),
            path: contender.node,
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
                // Its clock is not the server's.
                let held_since_ms = holder.held_since_ms.map(|held| held.max(entry.since_ms));
                entry.held_since_ms = held_since_ms.filter(|_| entry.is_holder);
            }
            Identity::Text(text) => entry.text = Some(text),
            Identity::Unknown => {}
        }
        entry
    }

    /// Who it is, in a word or two.
    pub(super) fn who(&self) -> String {
        match (&self.host, self.pid, &self.text) {
            (Some(host), Some(pid), _) => format!("{host} (process {pid})"),
            (_, _, Some(text)) => text.clone(),
            _ => format!("session {}", self.session),
        }
    }

    /// Since when it holds or waits. Of a holder that does not say it is known when it came.
    pub(super) fn since(&self, now_ms: i64) -> String {
        match (self.is_holder, self.held_since_ms) {
            (true, Some(held_since_ms)) => ago(now_ms, held_since_ms),
            (true, None) => format!("came {}", ago(now_ms, self.since_ms)),
            (false, _) => ago(now_ms, self.since_ms),
        }
    }

    pub(super) fn container_name(&self) -> String {
        let container = self.container.as_ref();
        container.map_or_else(String::new, |container| container.name.clone())
    }
}
