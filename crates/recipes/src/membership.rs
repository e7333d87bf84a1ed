//! Who belongs to a group just now.

use crate::{
    Tree,
    background::{Background, delete},
    create::create,
    patience::repeat,
};
use bytes::Bytes;
use dockeeper_zk_client::{Client, CreateMode, Error as ZooKeeper, ErrorCode, Stat, path};
use std::collections::BTreeMap;

/// A group: its members are ephemeral znodes below the group's, each with a name and data of its
/// own. Curator's `GroupMember` is the same.
///
/// A member belongs to a session. It survives lost connections; when the session is over, the owner
/// joins again with the next one. Who watches the group runs a [`Tree`] of it, which outlives
/// sessions too.
///
/// ```no_run
/// # use dockeeper_recipes::{Group, Tree};
/// # use dockeeper_zk_client::Client;
/// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
/// let group = Group::new("/groups/workers");
/// let member = group.join(client, "h1", "10.0.0.1:8080").await?;
///
/// let tree = group.tree();
/// let following = tokio::spawn({
///     let (tree, client) = (tree.clone(), client.clone());
///     async move { tree.run(&client).await }
/// });
/// tree.current().await;
/// for (name, data) in group.members(&tree)? {
///     println!("{name} {data:?}");
/// }
/// # following.abort();
/// member.leave().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Group {
    path: String,
}

/// A member of a group. Dropped, it leaves in the background.
#[derive(Debug)]
#[must_use = "dropped, the member leaves"]
pub struct Member {
    client: Client,
    path: String,
    own: Own,
    background: Background,
}

/// What a member knows of its znode, which is not the only one of its name over time.
#[derive(Clone, Copy, Debug)]
enum Own {
    /// There is none.
    Absent,
    /// It may have been created: any of this session is meant.
    InDoubt,
    /// The one that this transaction created.
    Created(i64),
}

/// Why a group could not be joined or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Something else lies below the group's znode.
    #[error(
        "{0} is not a group's member, as it is not ephemeral: delete it, or choose another path"
    )]
    Foreign(String),
    /// Somebody deleted the member's znode.
    #[error("somebody deleted {0}, this member's znode: join again")]
    Gone(String),
    /// ZooKeeper refused, or the session is over.
    #[error("the group cannot be used: {0}")]
    ZooKeeper(#[from] ZooKeeper),
}

// === impl Group ===

impl Group {
    /// The group at a path.
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Joins under a name. While another session has the name, it waits for that one to leave or to
    /// end, as one's own last session does after a crash. A member that this session has already is
    /// taken over: an earlier process, from which the session was resumed, left it.
    ///
    /// Safe to cancel; without a limit of its own.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn join(
        &self,
        client: &Client,
        name: &str,
        data: impl Into<Bytes>,
    ) -> Result<Member, Error> {
        let data = data.into();
        let mut member = Member {
            client: client.clone(),
            path: path::join(&self.path, name),
            own: Own::Absent,
            background: Background::current(),
        };
        loop {
            member.own = Own::InDoubt;
            let mode = CreateMode::Ephemeral;
            match repeat(|| create(client, &member.path, &data, mode)).await {
                Ok(created) => {
                    member.own = Own::Created(created.stat.czxid);
                    return Ok(member);
                }
                Err(error) if error.is(ErrorCode::NodeExists) => {}
                Err(error) => return Err(error.into()),
            }
            let (found, changed) = repeat(|| client.exists_and_watch(&member.path)).await?;
            let Some(stat) = found else {
                continue;
            };
            if stat.ephemeral_owner == 0 {
                member.own = Own::Absent;
                return Err(Error::Foreign(member.path.clone()));
            }
            if is_own(client, &stat) {
                member.own = Own::Created(stat.czxid);
                member.set(data).await?;
                return Ok(member);
            }
            member.own = Own::Absent;
            // When the session has ended instead, the next request says so.
            drop(changed.fired().await);
        }
    }

    /// A mirror of the group, to be [run](Tree::run) with one session after the other.
    pub fn tree(&self) -> Tree {
        Tree::new(&self.path)
    }

    /// The members' names and data, as the group's mirror shows them.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when something else lies in the group.
    pub fn members(&self, tree: &Tree) -> Result<BTreeMap<String, Bytes>, Error> {
        tree.read(|nodes| {
            let below = nodes.iter().filter(|(path, _)| **path != self.path);
            let members = below.map(|(path, node)| match node.stat.ephemeral_owner {
                0 => Err(Error::Foreign(path.clone())),
                _ => Ok((path::name(path).to_owned(), node.data.clone())),
            });
            members.collect()
        })
    }
}

// === impl Member ===

impl Member {
    /// The member's znode.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Changes the member's data.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn set(&self, data: impl Into<Bytes>) -> Result<(), Error> {
        let data = data.into();
        match repeat(|| self.client.set(&self.path, data.clone(), None)).await {
            Ok(_) => Ok(()),
            Err(error) if error.is(ErrorCode::NoNode) => Err(Error::Gone(self.path.clone())),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until it is no longer a member: until somebody deletes its znode, or its session is
    /// over. Its owner joins again then. Safe to cancel.
    pub async fn gone(&self) -> Error {
        loop {
            match repeat(|| self.client.exists_and_watch(&self.path)).await {
                Ok((Some(stat), changed)) if self.is_meant(&stat) => {
                    // When the session has ended instead, the next request says so.
                    drop(changed.fired().await);
                }
                Ok(_) => return Error::Gone(self.path.clone()),
                Err(error) => return error.into(),
            }
        }
    }

    /// Leaves. When it is cancelled, the member leaves in the background.
    ///
    /// # Errors
    ///
    /// See [`Error`]. A member that is gone has left.
    pub async fn leave(mut self) -> Result<(), Error> {
        delete_own(&self.client, &self.path, self.own).await?;
        self.own = Own::Absent;
        Ok(())
    }

    fn is_meant(&self, stat: &Stat) -> bool {
        self.own.is(&self.client, stat)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if matches!(self.own, Own::Absent) {
            return;
        }
        let (client, path, own) = (self.client.clone(), self.path.clone(), self.own);
        let work = async move { delete_own(&client, &path, own).await };
        self.background.run("leave the group", &self.path, work);
    }
}

// === impl Own ===

impl Own {
    fn is(self, client: &Client, stat: &Stat) -> bool {
        match self {
            Self::Absent => false,
            Self::InDoubt => is_own(client, stat),
            Self::Created(czxid) => stat.czxid == czxid,
        }
    }
}

async fn delete_own(client: &Client, path: &str, own: Own) -> Result<(), ZooKeeper> {
    // Behind a lost connection, the next server may not know of the last one's writes yet.
    repeat(|| client.sync(path)).await?;
    match repeat(|| client.exists(path)).await? {
        Some(stat) if own.is(client, &stat) => delete(client, path).await,
        _ => Ok(()),
    }
}

fn is_own(client: &Client, stat: &Stat) -> bool {
    let own = client.session();
    own.is_some_and(|own| own.id == stat.ephemeral_owner)
}
