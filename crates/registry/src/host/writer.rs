//! Carries a write out, and says what is there now.

use super::ledger::{Outcome, Write};
use bytes::Bytes;
use dockeeper_model::{Instance, NodeName, layout};
use dockeeper_zk_client::{
    Client, CreateMode, Error, ErrorCode, ErrorKind, Multi, error::NotSent, path,
};

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
            Err(error) => failed(path, &error),
        }
    }

    /// A znode is there already: ours after a lost answer, that of this host's last session, or
    /// somebody else's.
    async fn take_over(&self, path: &str, content: Bytes) -> Outcome {
        let (found, stat) = match self.client.get(path).await {
            Ok(found) => found,
            Err(error) => return failed(path, &error),
        };
        let own = self.client.session().map(|session| session.id);
        if Some(stat.ephemeral_owner) == own {
            return Outcome::Holds(found);
        }
        if stat.ephemeral_owner == 0 || !self.is_of_this_node(path, &found) {
            tracing::warn!(
                path,
                owner = format_args!("{:#x}", stat.ephemeral_owner),
                "not registered: the znode is somebody else's"
            );
            return Outcome::Failed;
        }
        // One step, so that no reader finds nothing.
        let replace = Multi::new().delete(path, Some(stat.version)).create(
            path,
            content.clone(),
            CreateMode::Ephemeral,
        );
        match self.client.multi(replace).await {
            Ok(_) => Outcome::Holds(content),
            Err(error) => failed(path, &error),
        }
    }

    /// Whether this host's last session wrote the znode. A host has one agent at a time, so that
    /// session is dead, though it may not have expired yet.
    fn is_of_this_node(&self, path: &str, content: &[u8]) -> bool {
        if let Some((node, _)) = layout::two_names(path, layout::CONTAINERS) {
            return node == self.node.as_str();
        }
        let instance = layout::two_names(path, layout::SERVICES).and_then(|(service, id)| {
            Instance::decode(service.parse().ok()?, id.parse().ok()?, content).ok()
        });
        let origin = instance.and_then(|instance| instance.origin);
        origin.is_some_and(|origin| origin.node == self.node.as_str())
    }

    async fn set(&self, path: &str, content: Bytes) -> Outcome {
        match self.client.set(path, content.clone(), None).await {
            Ok(_) => Outcome::Holds(content),
            Err(error) => failed(path, &error),
        }
    }

    async fn delete(&self, path: &str) -> Outcome {
        match self.client.delete(path, None).await {
            Ok(()) => Outcome::Absent,
            Err(error) => failed(path, &error),
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
            Err(error) => failed(path, &error),
        }
    }
}

/// What a failed request leaves behind.
fn failed(path: &str, error: &Error) -> Outcome {
    match error.kind() {
        ErrorKind::Refused(ErrorCode::NoNode) => Outcome::Absent,
        // A znode that was not there a moment ago, or was: look again.
        ErrorKind::Refused(ErrorCode::NodeExists | ErrorCode::BadVersion) => Outcome::Unknown,
        // Asking again would not help.
        ErrorKind::Refused(_) | ErrorKind::NotSent(NotSent::Path(_) | NotSent::TooLong { .. }) => {
            tracing::warn!(path, %error, "cannot write");
            Outcome::Failed
        }
        ErrorKind::NotSent(_) | ErrorKind::Unknown(_) => Outcome::Unknown,
    }
}
