//! A barrier that a number of participants enter together and leave together.

mod way;

use crate::{
    background::{Scrap, delete},
    create::create,
    patience::repeat,
    uuid::Uuid,
};
use bytes::Bytes;
use dockeeper_zk_client::{
    Client, CreateMode, Error as ZooKeeper, ErrorCode, EventKind, Multi, path,
};
use std::num::NonZeroUsize;
use way::{Entering, Leaving, READY};

/// A barrier that a number of participants enter together and leave together.
///
/// Each has an ephemeral znode `<uuid>` below the barrier's; who completes the number creates
/// `ready`. Those are the names of Curator's `DistributedDoubleBarrier`. kazoo's `DoubleBarrier`
/// differs in nothing but the spelling of the UUID, without dashes: all three can meet in one
/// barrier, and there is no choice of names. A participant whose session ends is no longer there,
/// inside as outside.
///
/// Entering and leaving are safe to cancel, survive lost connections and have no limit of their
/// own. kazoo takes `ready` away when it begins to leave rather than at the end: a participant that
/// is not connected just then may not hear that the others have entered.
///
/// ```no_run
/// # use dockeeper_recipes::DoubleBarrier;
/// # use dockeeper_zk_client::Client;
/// # use std::{num::NonZeroUsize, time::Duration};
/// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
/// let members = NonZeroUsize::new(3).ok_or("no members")?;
/// let barrier = DoubleBarrier::new(client, "/barriers/step", members);
/// let inside = tokio::time::timeout(Duration::from_secs(60), barrier.enter("h1")).await??;
/// // What all three do at the same time.
/// inside.leave().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DoubleBarrier {
    client: Client,
    path: String,
    members: NonZeroUsize,
}

/// A participant that has entered. Dropped, it is no longer there, and waits for nobody.
#[derive(Debug)]
#[must_use = "dropped, the participant is no longer there"]
pub struct Inside {
    client: Client,
    path: String,
    own: Scrap,
    name: String,
    /// When the barrier's `ready` was created, which tells it from that of a later use.
    ready: Option<i64>,
}

/// Why a barrier could not be entered or left.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Something else lies below the barrier's znode.
    #[error(
        "{path} is not a double barrier's alone: its child {name:?} is neither a UUID nor \
         \"ready\"; choose another path, or delete the child"
    )]
    Foreign {
        /// The barrier.
        path: String,
        /// The child.
        name: String,
    },
    /// Somebody deleted the participant's znode.
    #[error("somebody deleted {0}, this participant's znode: enter again")]
    Gone(String),
    /// ZooKeeper refused, or the session is over.
    #[error("the double barrier cannot be used: {0}")]
    ZooKeeper(#[from] ZooKeeper),
}

// === impl DoubleBarrier ===

impl DoubleBarrier {
    /// The barrier at a path, for so many participants. All have to name the same number.
    pub fn new(client: &Client, path: &str, members: NonZeroUsize) -> Self {
        Self {
            client: client.clone(),
            path: path.to_owned(),
            members,
        }
    }

    /// Waits until all are there. `data` is for people: any will do. Who comes while the others are
    /// inside is let in at once.
    ///
    /// # Errors
    ///
    /// See [`Error`]. Nothing is left behind.
    pub async fn enter(&self, data: impl Into<Bytes>) -> Result<Inside, Error> {
        self.clear_stale().await?;
        let (data, name) = (data.into(), Uuid::random().hyphenated());
        let own = Scrap::new(&self.client, path::join(&self.path, &name));
        let mode = CreateMode::Ephemeral;
        match repeat(|| create(&self.client, own.path(), &data, mode)).await {
            // Ours, of an earlier try: nobody else has the name.
            Err(error) if !error.is(ErrorCode::NodeExists) => return Err(error.into()),
            _ => {}
        }
        let ready = self.entered(&name).await?;
        Ok(Inside {
            client: self.client.clone(),
            path: self.path.clone(),
            own,
            name,
            ready,
        })
    }

    /// Waits until all are there; when `ready` was created, unless it is gone again.
    async fn entered(&self, name: &str) -> Result<Option<i64>, Error> {
        let ready = path::join(&self.path, READY);
        loop {
            let (found, changed) = repeat(|| self.client.exists_and_watch(&ready)).await?;
            if let Some(stat) = found {
                return Ok(Some(stat.czxid));
            }
            let children = children(&self.client, &self.path).await?;
            match way::entering(&children, name, self.members.get()) {
                Entering::Complete => {
                    let mode = CreateMode::Persistent;
                    match repeat(|| self.client.create(&ready, "", mode)).await {
                        Ok(created) => return Ok(Some(created.stat.czxid)),
                        Err(error) if error.is(ErrorCode::NodeExists) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                // When the session has ended instead, the next request says so.
                Entering::Wait => match changed.fired().await {
                    // Though it may be gone again: who leaves first may be quick.
                    Ok(event) if event.kind == EventKind::Created => {
                        let found = repeat(|| self.client.exists(&ready)).await?;
                        return Ok(found.map(|stat| stat.czxid));
                    }
                    _ => {}
                },
                Entering::Gone => return Err(Error::Gone(path::join(&self.path, name))),
                Entering::Foreign(name) => return Err(self.foreign(name)),
            }
        }
    }

    /// Removes a `ready` that participants have left who could not leave in order, since their
    /// sessions ended. It would let the first of the next ones in alone.
    async fn clear_stale(&self) -> Result<(), Error> {
        let children = children(&self.client, &self.path).await?;
        if let Some(name) = way::foreign(&children) {
            return Err(self.foreign(name));
        }
        if children == [READY] {
            delete(&self.client, &path::join(&self.path, READY)).await?;
        }
        Ok(())
    }

    fn foreign(&self, name: String) -> Error {
        let path = self.path.clone();
        Error::Foreign { path, name }
    }
}

// === impl Inside ===

impl Inside {
    /// Waits until all have left. When it is cancelled, this participant has left without waiting.
    ///
    /// # Errors
    ///
    /// See [`Error`]. The participant has left all the same.
    pub async fn leave(self) -> Result<(), Error> {
        let mut is_there = true;
        loop {
            let children = children(&self.client, &self.path).await?;
            match way::leaving(&children, &self.name, is_there) {
                Leaving::Last => {
                    self.delete_last().await?;
                    return Ok(());
                }
                Leaving::Over => return Ok(self.delete_ready().await?),
                Leaving::WaitFor { name, keeps_own } => {
                    let other = path::join(&self.path, &name);
                    let watched = repeat(|| self.client.exists_and_watch(&other)).await?;
                    if !keeps_own && is_there {
                        delete(&self.client, self.own.path()).await?;
                        is_there = false;
                    }
                    if let (Some(_), changed) = watched {
                        // When the session has ended instead, the next request says so.
                        drop(changed.fired().await);
                    }
                }
                Leaving::Gone => return Err(Error::Gone(self.own.path().to_owned())),
                Leaving::Foreign(name) => {
                    let path = self.path.clone();
                    return Err(Error::Foreign { path, name });
                }
            }
        }
    }

    /// In one step with the own znode, so that no `ready` of a later use can be meant.
    async fn delete_last(&self) -> Result<(), ZooKeeper> {
        let ready = path::join(&self.path, READY);
        let both = Multi::new()
            .delete(self.own.path(), None)
            .delete(&ready, None);
        match repeat(|| self.client.multi(both.clone())).await {
            // Done by an earlier try, or by a kazoo participant.
            Err(error) if error.is(ErrorCode::NoNode) => {
                delete(&self.client, self.own.path()).await
            }
            deleted => deleted.map(drop),
        }
    }

    /// The last participant's session has ended: nobody else does it.
    async fn delete_ready(&self) -> Result<(), ZooKeeper> {
        let ready = path::join(&self.path, READY);
        let found = repeat(|| self.client.exists(&ready)).await?;
        match found {
            Some(stat) if Some(stat.czxid) == self.ready => delete(&self.client, &ready).await,
            _ => Ok(()),
        }
    }
}

/// The names below a barrier, in order; none where there is none.
async fn children(client: &Client, path: &str) -> Result<Vec<String>, ZooKeeper> {
    match repeat(|| client.list(path)).await {
        Ok((mut names, _)) => {
            names.sort_unstable();
            Ok(names)
        }
        Err(error) if error.is(ErrorCode::NoNode) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
