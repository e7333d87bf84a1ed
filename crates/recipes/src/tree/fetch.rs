//! Asks the server for what a mirror needs, until it answers.

use super::{
    Stopped,
    mirror::{Fetch, Found},
};
use crate::pause::Pauses;
use dockeeper_zk_client::{AddWatchMode, Client, Error, ErrorCode, Watcher};
use tokio::time;

/// What was read.
pub(super) enum Fetched {
    Node(String, Found),
    /// The names of a znode's children; `None` when the server does not show them.
    Children(String, Option<Vec<String>>),
}

/// Watches a subtree.
pub(super) async fn watch(client: &Client, root: &str) -> Result<Watcher, Stopped> {
    let mut pauses = Pauses::default();
    loop {
        match client.watch(root, AddWatchMode::PersistentRecursive).await {
            Ok(watcher) => return Ok(watcher),
            Err(error) => wait_or_give_up(error, &mut pauses).await.map_err(stopped)?,
        }
    }
}

/// Reads a znode or the names of its children.
pub(super) async fn read(client: Client, fetch: Fetch) -> Result<Fetched, Error> {
    let mut pauses = Pauses::default();
    loop {
        match once(&client, &fetch).await {
            Ok(fetched) => return Ok(fetched),
            Err(error) => wait_or_give_up(error, &mut pauses).await?,
        }
    }
}

async fn once(client: &Client, fetch: &Fetch) -> Result<Fetched, Error> {
    match fetch {
        Fetch::Node(path) => {
            let found = match client.get(path).await {
                Ok((data, stat)) => Found::There(data, stat),
                Err(error) if error.is(ErrorCode::NoNode) => Found::Absent,
                Err(error) if error.is(ErrorCode::NoAuth) => Found::Hidden,
                Err(error) => return Err(error),
            };
            Ok(Fetched::Node(path.clone(), found))
        }
        Fetch::Children(path) => {
            let names = match client.list(path).await {
                Ok((names, _)) => Some(names),
                Err(error) if error.is(ErrorCode::NoNode) => Some(Vec::new()),
                Err(error) if error.is(ErrorCode::NoAuth) => None,
                Err(error) => return Err(error),
            };
            Ok(Fetched::Children(path.clone(), names))
        }
    }
}

/// Waits as long as it takes until the same request may go through. It has no limit of its own: the
/// mirror is as patient as its session.
async fn wait_or_give_up(error: Error, pauses: &mut Pauses) -> Result<(), Error> {
    if error.is_transient() {
        tracing::debug!(%error, "asking again");
        time::sleep(pauses.next(fastrand::f64())).await;
        return Ok(());
    }
    // The client has waited for a connection already.
    if error.is_disconnected() {
        tracing::debug!(%error, "asking again");
        return Ok(());
    }
    Err(error)
}

/// Why a mirror cannot go on behind this error.
pub(super) fn stopped(error: Error) -> Stopped {
    if error.is_session_over() {
        Stopped::SessionOver
    } else {
        Stopped::Refused(error)
    }
}
