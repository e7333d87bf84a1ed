//! A barrier that one closes and opens, and at which others wait.

use crate::{background::delete, create::create, patience::repeat};
use bytes::Bytes;
use dockeeper_zk_client::{Client, CreateMode, Error, ErrorCode};

/// A barrier: closed while its znode is there. Curator's `DistributedBarrier` and kazoo's `Barrier`
/// are the same.
///
/// The znode is persistent, so a barrier stays closed when the one who closed it is gone. Its data
/// is for people: any will do.
///
/// Everything is safe to cancel, and made again when a connection is lost: while an answer is
/// missing, a barrier that somebody else opens or closes at that very moment may be closed or
/// opened once more. Nothing has a limit of its own.
///
/// ```no_run
/// # use dockeeper_recipes::Barrier;
/// # use dockeeper_zk_client::{Client, Error};
/// # use std::time::Duration;
/// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
/// let barrier = Barrier::new(client, "/barriers/migration");
/// barrier.close("the schema changes").await?;
/// // Elsewhere:
/// tokio::time::timeout(Duration::from_secs(60), barrier.opened()).await??;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Barrier {
    client: Client,
    path: String,
}

// === impl Barrier ===

impl Barrier {
    /// The barrier at a path.
    pub fn new(client: &Client, path: &str) -> Self {
        Self {
            client: client.clone(),
            path: path.to_owned(),
        }
    }

    /// Closes it, unless it is closed; one that is keeps its data.
    ///
    /// # Errors
    ///
    /// When ZooKeeper refuses, or the session is over.
    pub async fn close(&self, data: impl Into<Bytes>) -> Result<(), Error> {
        let data = data.into();
        let mode = CreateMode::Persistent;
        let closed = repeat(|| create(&self.client, &self.path, &data, mode));
        match closed.await {
            Err(error) if !error.is(ErrorCode::NodeExists) => Err(error),
            _ => Ok(()),
        }
    }

    /// Opens it, unless it is open.
    ///
    /// # Errors
    ///
    /// When ZooKeeper refuses, for one because the znode has children, or the session is over.
    pub async fn open(&self) -> Result<(), Error> {
        delete(&self.client, &self.path).await
    }

    /// Whether it is closed.
    ///
    /// # Errors
    ///
    /// When ZooKeeper refuses, or the session is over.
    pub async fn is_closed(&self) -> Result<bool, Error> {
        let found = repeat(|| self.client.exists(&self.path)).await?;
        Ok(found.is_some())
    }

    /// Waits until it is open.
    ///
    /// # Errors
    ///
    /// When ZooKeeper refuses, or the session is over.
    pub async fn opened(&self) -> Result<(), Error> {
        loop {
            let (found, changed) = repeat(|| self.client.exists_and_watch(&self.path)).await?;
            if found.is_none() {
                return Ok(());
            }
            // When the session has ended instead, the next request says so.
            drop(changed.fired().await);
        }
    }
}
