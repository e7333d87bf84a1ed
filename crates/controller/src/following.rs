//! The containers that mount an app, as their hosts report them, while its rollout is under way.

use dockeeper_config::rollout::{Members, members};
use dockeeper_model::{
    NodeName,
    config::{AppName, Applied},
    decode, layout,
};
use dockeeper_recipes::{Tree, tree::Stopped};
use dockeeper_zk_client::{Client, State};
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    sync::watch,
    task::{self, AbortHandle},
    time::{Instant, timeout},
};

/// For how long reports that keep coming in are gathered before they are looked at: when a stage
/// opens, all of its hosts report within a moment.
const GATHERING_MAX: Duration = Duration::from_millis(250);

/// A mirror of what the hosts report of an app, which is followed until this is dropped.
pub(crate) struct Following {
    client: Client,
    root: String,
    tree: Tree,
    changes: watch::Receiver<dockeeper_recipes::tree::Version>,
    task: AbortHandle,
    /// The reports by their hosts, as they were read last; a large app has too many to read them
    /// all again for each that changes.
    reports: BTreeMap<String, Report>,
    /// On which connection all was read.
    read_on: Option<u64>,
    /// Since when nothing kept hosts from reporting.
    since: Instant,
}

struct Report {
    /// Which change of its znode it is.
    mzxid: i64,
    /// `None` where it is none.
    applied: Option<(NodeName, Applied)>,
}

// === impl Following ===

impl Following {
    /// Begins to follow. Nothing has kept the hosts from reporting since `since`, as far as is known.
    pub(crate) fn start(client: &Client, app: &AppName, since: Instant) -> Self {
        let root = layout::applied(app);
        let tree = Tree::new(&root);
        let following = follow(tree.clone(), client.clone());
        Self {
            client: client.clone(),
            root,
            changes: tree.changes(),
            tree,
            task: task::spawn(following).abort_handle(),
            reports: BTreeMap::new(),
            read_on: None,
            since,
        }
    }

    /// Waits until all is read that the hosts have reported so far; but not for those that report
    /// at this moment, if that takes long.
    pub(crate) async fn current(&mut self) {
        let connection = connection(&self.client);
        // The sender lives in the tree.
        let current = self.changes.wait_for(|version| version.is_current);
        if connection.is_some() && connection == self.read_on {
            drop(timeout(GATHERING_MAX, current).await);
            return;
        }
        drop(current.await);
        if self.read_on.is_some() {
            // While there was no connection, hosts may have lost their sessions.
            self.since = Instant::now();
        }
        self.read_on = connection;
    }

    /// Waits until a host reports something new.
    pub(crate) async fn changed(&mut self) {
        drop(self.changes.changed().await);
    }

    /// When who is missing has had so long to come back.
    pub(crate) fn settles_at(&self, settle: Duration) -> Instant {
        self.since + settle
    }

    /// What the hosts report.
    pub(crate) fn members(&mut self) -> Members {
        let (root, known) = (&self.root, &mut self.reports);
        self.tree.read(|nodes| {
            known.retain(|path, _| nodes.contains_key(path));
            for (path, node) in nodes {
                let mzxid = node.stat.mzxid;
                if known.get(path).is_none_or(|report| report.mzxid != mzxid) {
                    let applied = read(root, path, &node.data);
                    known.insert(path.clone(), Report { mzxid, applied });
                }
            }
        });
        let reports = self.reports.values();
        members(reports.filter_map(|report| report.applied.clone()))
    }
}

fn read(root: &str, path: &str, content: &[u8]) -> Option<(NodeName, Applied)> {
    let name: NodeName = layout::one_name(path, root)?.parse().ok()?;
    match decode::<Applied>(content) {
        Ok(applied) => Some((name, applied)),
        Err(error) => {
            tracing::warn!(path, %error, "a host's report is left out");
            None
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(tree: Tree, client: Client) {
    let warn = |stopped| match stopped {
        Stopped::SessionOver => {}
        Stopped::Refused(error) => tracing::warn!(%error, "cannot read what the hosts report"),
        Stopped::TooLarge => tracing::warn!("more hosts report than can be followed"),
    };
    tree.run_on(&client, warn).await;
}

/// Which of the session's connections there is.
fn connection(client: &Client) -> Option<u64> {
    match &*client.state().borrow() {
        State::Connected(connected) => Some(connected.connection),
        State::Connecting { .. } | State::Ended(_) => None,
    }
}
