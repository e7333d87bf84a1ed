//! A local mirror of a subtree.
//!
//! One persistent recursive watch tells what changed; each change is read again, so that the
//! mirror is never built from the order of events. After each reconnect the whole subtree is read
//! and compared, because a server arms a persistent watch again without looking back.

mod complaints;
mod fetch;
mod mirror;

pub use self::mirror::{NODES_MAX, Node};

use complaints::Complaints;
use dockeeper_zk_client::{Client, Error, Notice, State};
use fetch::{Fetched, read, stopped, watch};
use mirror::{Found, Mirror};
use parking_lot::{Mutex, RwLock};
use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinSet, time};

/// How many reads are on their way at once. Enough to fill a connection; below the client's own
/// bound, so that others' requests need not wait for a large tree.
const FETCHES_MAX: usize = 256;

/// How long before a subtree is read again that cannot be followed as it is.
const STOPPED_PAUSE: Duration = Duration::from_secs(10);

/// A local mirror of a subtree: a cheap handle, to be cloned at will.
///
/// It outlives sessions: [`run`](Self::run) follows the subtree with one client, and can be called
/// again with the next. What was read last stays, marked as stale.
#[derive(Clone, Debug)]
pub struct Tree {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    mirror: RwLock<Mirror>,
    complaints: Mutex<Complaints>,
    version: watch::Sender<Version>,
}

/// Counts what happened to a mirror.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// How often its content has changed.
    pub changes: u64,
    /// Whether it shows all that the server has told. False before the first reading, while
    /// changes are being read, and without a connection.
    pub is_current: bool,
}

/// Why a mirror stopped following.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The session is over: go on with a new one.
    SessionOver,
    /// The server refused to watch the subtree, or something in it cannot be read. What it refuses
    /// for a moment only is asked for again, and what the session may not see is
    /// [`hidden`](Tree::hidden): neither ends the following.
    Refused(Error),
    /// The subtree has more znodes than a mirror holds.
    TooLarge,
}

// === impl Tree ===

impl Tree {
    /// An empty mirror of the subtree at `root`.
    pub fn new(root: &str) -> Self {
        let shared = Shared {
            mirror: RwLock::new(Mirror::new(root)),
            complaints: Mutex::default(),
            version: watch::Sender::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Looks at the content, by path. Holds a lock: be brief.
    pub fn read<T>(&self, look: impl FnOnce(&BTreeMap<String, Node>) -> T) -> T {
        look(self.shared.mirror.read().nodes())
    }

    /// The znodes that the server does not show to the session, which are not in the content, in
    /// order. What lies below them may be missing as well.
    pub fn hidden(&self) -> Vec<String> {
        self.shared.mirror.read().hidden().iter().cloned().collect()
    }

    /// Tells that something has changed, to be read with [`read`](Self::read).
    pub fn changes(&self) -> watch::Receiver<Version> {
        self.shared.version.subscribe()
    }

    /// Waits until the mirror is current, without a limit of its own.
    pub async fn current(&self) {
        let mut version = self.changes();
        // The sender lives in this very handle.
        drop(version.wait_for(|version| version.is_current).await);
    }

    /// Follows the subtree until the session is over. Safe to cancel.
    pub async fn run(&self, client: &Client) -> Stopped {
        let _stale = StaleAtEnd(self);
        match self.follow(client).await {
            Ok(never) => match never {},
            Err(stopped) => stopped,
        }
    }

    /// The same through whatever else stops it: that is told to `stopped`, and after a pause the
    /// subtree is read again.
    pub async fn run_on(&self, client: &Client, mut stopped: impl FnMut(Stopped)) {
        loop {
            match self.run(client).await {
                Stopped::SessionOver => return,
                why => stopped(why),
            }
            time::sleep(STOPPED_PAUSE).await;
        }
    }

    async fn follow(&self, client: &Client) -> Result<Infallible, Stopped> {
        let root = {
            let mut mirror = self.shared.mirror.write();
            mirror.restart();
            mirror.root().to_owned()
        };
        let mut state = client.state();
        let mut watcher = watch(client, &root).await?;
        // The first notice is a resync, which starts the reading.
        let mut synced = None;
        let mut fetches = JoinSet::new();
        loop {
            self.fetch(client, &mut fetches);
            let connection = connection(&state.borrow_and_update());
            let is_synced = connection.is_some() && connection == synced;
            self.publish(false, is_synced && self.shared.mirror.read().is_settled());
            tokio::select! {
                notice = watcher.next() => match notice {
                    Some(Notice::Resync) => {
                        synced = connection;
                        self.shared.mirror.write().resync();
                    }
                    Some(Notice::Event(event)) => {
                        let has_changed = self.shared.mirror.write().event(&event);
                        self.publish(has_changed, false);
                    }
                    None => return Err(Stopped::SessionOver),
                },
                Some(fetched) = fetches.join_next() => {
                    let fetched = fetched.map_err(|_| Stopped::SessionOver)?;
                    self.fetched(fetched.map_err(stopped)?)?;
                }
                changed = state.changed() => changed.map_err(|_| Stopped::SessionOver)?,
            }
        }
    }

    fn fetch(&self, client: &Client, fetches: &mut JoinSet<Result<Fetched, Error>>) {
        while fetches.len() < FETCHES_MAX {
            let Some(fetch) = self.shared.mirror.write().next_fetch() else {
                break;
            };
            fetches.spawn(read(client.clone(), fetch));
        }
    }

    fn fetched(&self, fetched: Fetched) -> Result<(), Stopped> {
        if let Fetched::Node(path, Found::Hidden) | Fetched::Children(path, None) = &fetched {
            self.shared.complaints.lock().hidden(path);
        }
        let mut mirror = self.shared.mirror.write();
        let has_changed = match fetched {
            Fetched::Node(path, found) => mirror.got(&path, found),
            Fetched::Children(path, names) => mirror.listed(&path, names.as_deref()),
        };
        let is_too_large = mirror.nodes().len() + mirror.hidden().len() > NODES_MAX;
        drop(mirror);
        self.publish(has_changed, false);
        if is_too_large {
            return Err(Stopped::TooLarge);
        }
        Ok(())
    }

    fn publish(&self, has_changed: bool, is_current: bool) {
        self.shared.version.send_if_modified(|version| {
            let before = *version;
            version.changes += u64::from(has_changed);
            version.is_current = is_current;
            before != *version
        });
    }
}

/// Marks a mirror as stale when nobody follows the subtree any more, also when the following was
/// cancelled.
struct StaleAtEnd<'a>(&'a Tree);

impl Drop for StaleAtEnd<'_> {
    fn drop(&mut self) {
        self.0.publish(false, false);
    }
}

/// Which of the session's connections there is.
fn connection(state: &State) -> Option<u64> {
    match state {
        State::Connected(connected) => Some(connected.connection),
        State::Connecting { .. } | State::Ended(_) => None,
    }
}
