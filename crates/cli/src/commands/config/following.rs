//! Looks at configurations again whenever they change, from one session to the next.

use crate::{
    args::Global,
    live, output,
    zookeeper::{self, Connection, Session},
};
use dockeeper_config::store::Store;
use dockeeper_zk_client::{AddWatchMode, ErrorKind, State};
use std::{future::pending, time::Duration};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

/// How long changes are collected that come together, as when a host's containers report.
const PAUSE: Duration = Duration::from_millis(100);

/// How long before it is looked again, when that failed for a reason that may pass.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Why a session is followed no longer.
enum End<T> {
    Found(T),
    TimeUp,
    SessionOver,
}

/// Looks, and again after each change below a znode, until something is found. `None` when the
/// deadline comes first. The events carry nothing: what is wanted is read when they come.
pub(super) async fn follow<T>(
    global: &Global,
    root: &str,
    deadline: Option<Instant>,
    mut look: impl AsyncFnMut(&Session, &Store) -> anyhow::Result<Option<T>>,
) -> anyhow::Result<Option<T>> {
    loop {
        let end = zookeeper::with(global, async |session| {
            let connection = Connection::new("what is shown is what was known last");
            tokio::select! {
                end = follow_session(session, root, &mut look) => end,
                () = passed(deadline) => Ok(End::TimeUp),
                never = connection.follow(session.client.state()) => match never {},
            }
        });
        match end.await? {
            End::Found(found) => return Ok(Some(found)),
            End::TimeUp => return Ok(None),
            End::SessionOver => {
                output::warn("the ZooKeeper session has expired; going on with a new one");
            }
        }
    }
}

async fn follow_session<T>(
    session: &Session,
    root: &str,
    look: &mut impl AsyncFnMut(&Session, &Store) -> anyhow::Result<Option<T>>,
) -> anyhow::Result<End<T>> {
    let store = Store::new(&session.client);
    let mode = AddWatchMode::PersistentRecursive;
    let mut watcher = session.client.watch(root, mode).await?;
    let mut has_failed = false;
    loop {
        // The first notice comes when the watch is there.
        tokio::select! {
            notice = watcher.next() => if notice.is_none() {
                return Ok(End::SessionOver);
            },
            () = live::refresh() => {}
            () = sleep(RETRY_PAUSE), if has_failed => {}
        }
        let gathered = Instant::now() + PAUSE;
        while let Ok(Some(_)) = timeout_at(gathered, watcher.next()).await {}
        let looked = look(session, &store).await;
        has_failed = looked.is_err();
        match looked {
            Ok(None) => {}
            Ok(Some(found)) => return Ok(End::Found(found)),
            Err(_) if matches!(&*session.client.state().borrow(), State::Ended(_)) => {
                return Ok(End::SessionOver);
            }
            // Whoever follows was told that there is no connection.
            Err(error) if may_pass(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether the servers were not reached, and may be later.
fn may_pass(error: &anyhow::Error) -> bool {
    let request = zookeeper::request(error);
    request
        .is_some_and(|error| error.is_transient() || !matches!(error.kind(), ErrorKind::Refused(_)))
}

async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
