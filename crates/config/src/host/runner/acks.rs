//! Says in ZooKeeper what the host's containers run: one ephemeral znode for each app.

use super::board::Board;
use dockeeper_model::{
    NodeName,
    config::{AppName, Applied},
    encode, layout,
};
use dockeeper_zk_client::{Client, CreateMode, Error, ErrorCode};
use std::{collections::BTreeMap, future::pending, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval, sleep, sleep_until},
};

/// How long further news is waited for before something is written: a host's containers take a
/// release at the same time.
const COALESCE_FOR: Duration = Duration::from_millis(10);

/// Before what could not be written is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Says in ZooKeeper what the host's containers run.
pub(super) struct Acks<'a> {
    board: &'a Board,
    node: &'a NodeName,
    compare_interval: Duration,
    session: watch::Receiver<Option<Client>>,
    /// What lies there, as far as this process knows.
    written: BTreeMap<AppName, Applied>,
}

// === impl Acks ===

impl<'a> Acks<'a> {
    pub(super) fn new(
        board: &'a Board,
        node: &'a NodeName,
        compare_interval: Duration,
        session: watch::Receiver<Option<Client>>,
    ) -> Self {
        Self {
            board,
            node,
            compare_interval,
            session,
            written: BTreeMap::new(),
        }
    }

    /// Works until it is dropped.
    pub(super) async fn run(mut self) {
        let mut changes = self.board.subscribe();
        let mut compare = interval(self.compare_interval);
        compare.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut session = self.session.clone();
        // What an earlier process has left, which may be of apps that nobody has any more.
        let mut is_known = false;
        let mut retry = None;
        loop {
            let deadline = earliest(self.board.deadline(), retry);
            tokio::select! {
                Ok(()) = changes.changed() => {
                    sleep(COALESCE_FOR).await;
                    changes.mark_unchanged();
                }
                Ok(()) = session.changed() => is_known = false,
                _ = compare.tick() => is_known = false,
                () = until(deadline) => {}
            }
            let client = session.borrow_and_update().clone();
            let (Some(client), Some(applied)) = (client, self.board.applied()) else {
                retry = None;
                continue;
            };
            if !is_known {
                is_known = self.look(&client, &applied).await;
            }
            let is_written = is_known && self.write(&client, applied).await;
            retry = (!is_written).then(|| Instant::now() + RETRY_PAUSE);
        }
    }

    /// Reads what lies there. False when that could not be done.
    async fn look(&mut self, client: &Client, wanted: &BTreeMap<AppName, Applied>) -> bool {
        let own = match client.ephemerals(layout::CONFIG).await {
            Ok(own) => own,
            Err(error) => return said("cannot read what was said of containers", &error),
        };
        self.written.clear();
        let apps = own.iter().filter_map(|path| app_of(path, self.node));
        for app in apps.chain(wanted.keys().cloned()) {
            match client.get(&layout::applied_by(&app, self.node)).await {
                Ok((content, _)) => {
                    let applied = dockeeper_model::decode(&content).unwrap_or_default();
                    self.written.insert(app, applied);
                }
                Err(error) if error.is(ErrorCode::NoNode) => drop(self.written.remove(&app)),
                Err(error) => return said("cannot read what was said of containers", &error),
            }
        }
        true
    }

    /// Writes what is new. False when something could not be written.
    async fn write(&mut self, client: &Client, wanted: BTreeMap<AppName, Applied>) -> bool {
        let mut is_done = true;
        let gone: Vec<_> = self.written.keys().cloned().collect();
        for app in gone.into_iter().filter(|app| !wanted.contains_key(app)) {
            let path = layout::applied_by(&app, self.node);
            match client.delete(&path, None).await {
                Ok(()) => drop(self.written.remove(&app)),
                Err(error) if error.is(ErrorCode::NoNode) => drop(self.written.remove(&app)),
                Err(error) => is_done &= said("cannot remove what was said of containers", &error),
            }
        }
        for (app, applied) in wanted {
            if self.written.get(&app) == Some(&applied) {
                continue;
            }
            match put(client, &layout::applied_by(&app, self.node), &applied).await {
                Ok(()) => drop(self.written.insert(app, applied)),
                // The app is gone.
                Err(error) if error.is(ErrorCode::NoNode) => {}
                Err(error) => is_done &= said("cannot say what containers run", &error),
            }
        }
        is_done
    }
}

/// Replaces the znode, or creates it. One of an earlier session goes, as it would end with that.
async fn put(client: &Client, path: &str, applied: &Applied) -> Result<(), Error> {
    match client.set(path, encode(applied), None).await {
        Ok(stat) if is_own(client, stat.ephemeral_owner) => return Ok(()),
        Ok(_) => match client.delete(path, None).await {
            Err(error) if !error.is(ErrorCode::NoNode) => return Err(error),
            _ => {}
        },
        Err(error) if error.is(ErrorCode::NoNode) => {}
        Err(error) => return Err(error),
    }
    let mode = CreateMode::Ephemeral;
    client.create(path, encode(applied), mode).await.map(drop)
}

fn is_own(client: &Client, owner: i64) -> bool {
    client.session().is_some_and(|session| session.id == owner)
}

/// The app of a host's znode.
fn app_of(path: &str, node: &NodeName) -> Option<AppName> {
    let names = path.strip_prefix(layout::CONFIG)?.strip_prefix('/')?;
    let (app, _) = names.split_once('/')?;
    let app = app.parse().ok()?;
    (layout::applied_by(&app, node) == path).then_some(app)
}

/// A failure that is no connection's is worth a line. Always false.
fn said(what: &str, error: &Error) -> bool {
    if error.is_transient() || error.is_session_over() {
        tracing::debug!(%error, "{what}");
    } else {
        tracing::warn!(%error, "{what}");
    }
    false
}

fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
