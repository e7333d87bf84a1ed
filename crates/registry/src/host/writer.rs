//! Carries a write out, and says what is there now.

use super::{
    holder::Holder,
    ledger::{Outcome, Write},
};
use bytes::Bytes;
use dockeeper_model::{Instance, NodeName, layout};
use dockeeper_zk_client::{
    Client, CreateMode, Error, ErrorCode, ErrorKind, Multi, Stat, error::NotSent, path,
};
use std::time::Duration;
use tokio::time;

/// How long a write waits that ZooKeeper refused for the moment, before its znode is looked at.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// Who writes: a session of a host's agent.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pub(super) client: Client,
    pub(super) node: NodeName,
}

// === impl Writer ===

impl Writer {
    /// Does it, and says to which znode it was done.
    pub(super) async fn carry_out(self, write: Write) -> (String, Outcome) {
        let outcome = match &write {
            Write::Create(path, content) => self.create(path, content.clone()).await,
            Write::Set(path, content) => self.set(path, content.clone()).await,
            Write::Delete(path) => self.delete(path).await,
            Write::Read(path) => self.read(path).await,
        };
        (write.into_path(), outcome)
    }

    async fn create(&self, path: &str, content: Bytes) -> Outcome {
        let create = || {
            self.client
                .create(path, content.clone(), CreateMode::Ephemeral)
        };
        let created = match create().await {
            Err(error) if error.is(ErrorCode::NoNode) => {
                // The parent is a container: it may have gone with its last child.
                let parent = path::parent(path).unwrap_or("/");
                match self.client.create_all(parent, CreateMode::Container).await {
                    Ok(()) => create().await,
                    Err(error) => Err(error),
                }
            }
            created => created,
        };
        match created {
            Ok(_) => Outcome::Holds(content),
            Err(error) if error.is(ErrorCode::NodeExists) => self.take_over(path, content).await,
            Err(error) => failed(&error).await,
        }
    }

    /// A znode is there already: ours after a lost answer, that of this host's last session, or
    /// somebody else's.
    async fn take_over(&self, path: &str, content: Bytes) -> Outcome {
        let (found, stat) = match self.look(path).await {
            Ok(Some(found)) => found,
            Ok(None) => return Outcome::Absent,
            Err(error) => return failed(&error).await,
        };
        let own = self.client.session().map(|session| session.id);
        if Some(stat.ephemeral_owner) == own {
            return Outcome::Holds(found);
        }
        let node = node_of(path, &found);
        if stat.ephemeral_owner == 0 || node.as_ref() != Some(&self.node) {
            return Outcome::Taken(Holder {
                session: stat.ephemeral_owner,
                node: node.filter(|node| *node != self.node),
            });
        }
        // One step, so that no reader finds nothing.
        let replace = Multi::new().delete(path, Some(stat.version)).create(
            path,
            content.clone(),
            CreateMode::Ephemeral,
        );
        match self.client.multi(replace).await {
            Ok(_) => Outcome::Holds(content),
            Err(error) => failed(&error).await,
        }
    }

    /// A znode as it is, with no content where somebody else keeps it to himself.
    async fn look(&self, path: &str) -> Result<Option<(Bytes, Stat)>, Error> {
        match self.client.get(path).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is(ErrorCode::NoNode) => Ok(None),
            Err(error) if error.is(ErrorCode::NoAuth) => {
                let stat = self.client.exists(path).await?;
                Ok(stat.map(|stat| (Bytes::new(), stat)))
            }
            Err(error) => Err(error),
        }
    }

    async fn set(&self, path: &str, content: Bytes) -> Outcome {
        match self.client.set(path, content.clone(), None).await {
            Ok(_) => Outcome::Holds(content),
            Err(error) => failed(&error).await,
        }
    }

    async fn delete(&self, path: &str) -> Outcome {
        match self.client.delete(path, None).await {
            Ok(()) => Outcome::Absent,
            Err(error) => {
                let outcome = failed(&error).await;
                if matches!(outcome, Outcome::Failed(_)) {
                    tracing::warn!(%error, "cannot take out of ZooKeeper what is not there any more");
                }
                outcome
            }
        }
    }

    async fn read(&self, path: &str) -> Outcome {
        match self.client.get(path).await {
            Ok((content, stat)) => {
                let own = self.client.session().map(|session| session.id);
                if Some(stat.ephemeral_owner) == own {
                    Outcome::Holds(content)
                } else {
                    Outcome::Absent
                }
            }
            Err(error) => failed(&error).await,
        }
    }
}

/// The node that wrote a znode. When it is this host's, its last session did: a host has one agent
/// at a time, so that session is dead, though it may not have expired yet.
fn node_of(path: &str, content: &[u8]) -> Option<NodeName> {
    if let Some((node, _)) = layout::two_names(path, layout::CONTAINERS) {
        return node.parse().ok();
    }
    let (service, id) = layout::two_names(path, layout::SERVICES)?;
    let instance = Instance::decode(service.parse().ok()?, id.parse().ok()?, content).ok()?;
    instance.origin?.node.parse().ok()
}

/// What a failed request leaves behind.
async fn failed(error: &Error) -> Outcome {
    match error.kind() {
        ErrorKind::Refused(ErrorCode::NoNode) => Outcome::Absent,
        // A znode that was not there a moment ago, or was: look again.
        ErrorKind::Refused(ErrorCode::NodeExists | ErrorCode::BadVersion) => Outcome::Unknown,
        // The server has too much to do already.
        _ if error.is_transient() => {
            time::sleep(BUSY_PAUSE).await;
            Outcome::Unknown
        }
        // Asking again would not help.
        ErrorKind::Refused(_) | ErrorKind::NotSent(NotSent::Path(_) | NotSent::TooLong { .. }) => {
            Outcome::Failed(error.to_string())
        }
        ErrorKind::NotSent(_) | ErrorKind::Unknown(_) => Outcome::Unknown,
    }
}
