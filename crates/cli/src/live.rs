//! Follows what is registered, from one session to the next.

use crate::{
    args::Global,
    output,
    zookeeper::{self, Connection, Session},
};
use dockeeper_recipes::{Tree, tree::Stopped};
use dockeeper_registry::cluster::{Scope, Snapshot};
use dockeeper_zk_client::Client;
use std::{future::pending, io::IsTerminal, sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet, time};

/// How long changes are collected that come together, as when a host's containers start.
const PAUSE: Duration = Duration::from_millis(50);

/// How often a terminal is shown again what has not changed, because the ages on it have.
const REFRESH: Duration = Duration::from_secs(10);

/// Mirrors of scopes.
struct Mirrors {
    trees: Vec<Tree>,
    /// Told whenever one of them has changed.
    changed: Arc<Notify>,
    running: JoinSet<Stopped>,
}

/// Shows scopes as they are, and again whenever they change, until an error.
pub(crate) async fn follow(
    global: &Global,
    scopes: &[Scope],
    mut show: impl AsyncFnMut(&Session, &Snapshot) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let trees: Vec<_> = scopes
        .iter()
        .map(|scope| Tree::new(&scope.root()))
        .collect();
    let mut is_first = true;
    loop {
        zookeeper::with(global, async |session| {
            if std::mem::take(&mut is_first) {
                session.check(scopes).await?;
            }
            let mirrors = Mirrors::start(&trees, &session.client);
            follow_session(session, mirrors, &mut show).await
        })
        .await?;
        output::warn("the ZooKeeper session has expired; going on with a new one");
    }
}

/// Ends when the session is over.
async fn follow_session(
    session: &Session,
    mut mirrors: Mirrors,
    show: &mut impl AsyncFnMut(&Session, &Snapshot) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    tokio::select! {
        () = current(&mirrors.trees) => {}
        stopped = mirrors.running.join_next() => return judge(stopped),
    }
    let mut state = session.client.state();
    let mut connection = Connection::new("what is shown is what was known last");
    loop {
        let shown = mirrors.changes();
        show(session, &Snapshot::of_trees(&mirrors.trees)).await?;
        while shown == mirrors.changes() {
            tokio::select! {
                () = mirrors.changed.notified() => {}
                () = refresh() => break,
                Ok(()) = state.changed() => connection.tell(&state.borrow_and_update()),
                stopped = mirrors.running.join_next() => return judge(stopped),
            }
        }
        time::sleep(PAUSE).await;
    }
}

/// Waits until each has been read. They may change again meanwhile.
async fn current(trees: &[Tree]) {
    for tree in trees {
        tree.current().await;
    }
}

/// Why a mirror stopped, unless the session was over.
fn judge(stopped: Option<Result<Stopped, tokio::task::JoinError>>) -> anyhow::Result<()> {
    match stopped {
        Some(Ok(Stopped::Refused(error))) => Err(error.into()),
        Some(Ok(Stopped::TooLarge)) => {
            let max = dockeeper_recipes::tree::NODES_MAX;
            Err(anyhow::anyhow!(
                "there are more than {max} znodes: too many to follow"
            ))
        }
        Some(Ok(Stopped::SessionOver) | Err(_)) | None => Ok(()),
    }
}

/// Comes when what a terminal shows is to be shown again, because the ages on it have changed.
pub(crate) async fn refresh() {
    if std::io::stdout().is_terminal() {
        time::sleep(REFRESH).await;
    } else {
        pending::<()>().await;
    }
}

// === impl Mirrors ===

impl Mirrors {
    fn start(trees: &[Tree], client: &Client) -> Self {
        let changed = Arc::new(Notify::new());
        let mut running = JoinSet::new();
        for tree in trees {
            let (follower, client) = (tree.clone(), client.clone());
            let (mut version, told) = (tree.changes(), changed.clone());
            running.spawn(async move {
                let forward = async {
                    while version.changed().await.is_ok() {
                        told.notify_one();
                    }
                    pending::<()>().await;
                };
                tokio::select! {
                    stopped = follower.run(&client) => stopped,
                    () = forward => Stopped::SessionOver,
                }
            });
        }
        Self {
            trees: trees.to_vec(),
            changed,
            running,
        }
    }

    /// Counts changes.
    fn changes(&self) -> u64 {
        let changes = self
            .trees
            .iter()
            .map(|tree| tree.changes().borrow().changes);
        changes.sum()
    }
}
