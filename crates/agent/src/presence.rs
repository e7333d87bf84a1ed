//! The host's own znode: says that its agent lives, and keeps a second one away.

use crate::Error;
use dockeeper_model::{NodeName, NodeRecord, decode, encode, layout};
use dockeeper_zk_client::{Client, CreateMode, ErrorCode, Multi, path};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long beyond its time-out a dead agent's session may hold the name: its server ends it at
/// the next of its ticks, which are at most half of the shortest time-out.
const EXPIRY_PART: u32 = 2;

/// The host's znode, held by a session.
#[derive(Debug)]
pub(crate) struct Presence<'a> {
    client: &'a Client,
    node: &'a NodeName,
}

// === impl Presence ===

impl<'a> Presence<'a> {
    /// Takes the host's name. One that the session of a dead agent still holds is waited for, as
    /// long as that session can live.
    pub(crate) async fn claim(
        client: &'a Client,
        node: &'a NodeName,
        record: &NodeRecord,
        session_timeout: Duration,
    ) -> Result<Self, Claim> {
        let presence = Self { client, node };
        let path = layout::node(node);
        let deadline = Instant::now() + session_timeout + session_timeout / EXPIRY_PART;
        for parent in [
            layout::NODES,
            layout::MAINTENANCE,
            layout::SERVICES,
            layout::CONTAINERS,
        ] {
            client.create_all(parent, CreateMode::Persistent).await?;
        }
        loop {
            match client
                .create(&path, encode(record), CreateMode::Ephemeral)
                .await
            {
                Ok(_) => break,
                Err(error) if error.is(ErrorCode::NodeExists) => {}
                Err(error) => return Err(error.into()),
            }
            let (stat, gone) = client.exists_and_watch(&path).await?;
            let own = client.session().map(|session| session.id);
            match stat {
                None => {}
                Some(stat) if Some(stat.ephemeral_owner) == own => {
                    presence.update(record).await?;
                    break;
                }
                Some(stat) => {
                    let session = format!("{:#x}", stat.ephemeral_owner);
                    tracing::warn!(%node, session, "the node name is taken; waiting for its session to end");
                    if timeout_at(deadline, gone.fired()).await.is_err() {
                        let holder = presence.holder(&path).await;
                        return Err(Claim::Taken {
                            holder,
                            session: stat.ephemeral_owner,
                        });
                    }
                }
            }
        }
        presence.forget_other_names().await?;
        Ok(presence)
    }

    /// Says something new of the host.
    pub(crate) async fn update(
        &self,
        record: &NodeRecord,
    ) -> Result<(), dockeeper_zk_client::Error> {
        let path = layout::node(self.node);
        match self.client.set(&path, encode(record), None).await {
            // Somebody deleted it by hand.
            Err(error) if error.is(ErrorCode::NoNode) => {
                let content = encode(record);
                let created = self
                    .client
                    .create(&path, content, CreateMode::Ephemeral)
                    .await;
                created.map(drop)
            }
            set => set.map(drop),
        }
    }

    /// Gives up the names that this session had before the host was given another.
    async fn forget_other_names(&self) -> Result<(), dockeeper_zk_client::Error> {
        let own = layout::node(self.node);
        let mut others = Multi::new();
        for path in self.client.ephemerals(layout::NODES).await? {
            if path != own && path::is_within(&path, layout::NODES) {
                others = others.delete(&path, None);
            }
        }
        if others.is_empty() {
            return Ok(());
        }
        self.client.multi(others).await.map(drop)
    }

    async fn holder(&self, path: &str) -> String {
        let unknown = || "a host that it does not name".to_owned();
        let Ok((content, _)) = self.client.get(path).await else {
            return unknown();
        };
        match decode::<NodeRecord>(&content) {
            Ok(record) => format!("host {} ({})", record.hostname, record.address),
            Err(_) => unknown(),
        }
    }
}

/// Why the host's name could not be taken.
#[derive(Debug)]
pub(crate) enum Claim {
    /// Another agent lives under it.
    Taken { holder: String, session: i64 },
    /// ZooKeeper said no, or nothing.
    Failed(dockeeper_zk_client::Error),
}

impl From<dockeeper_zk_client::Error> for Claim {
    fn from(error: dockeeper_zk_client::Error) -> Self {
        Self::Failed(error)
    }
}

impl Claim {
    /// The reason to end; `None` when another try may help.
    pub(crate) fn fatal(self, node: &NodeName) -> Option<Error> {
        match self {
            Self::Taken { holder, session } => Some(Error::NodeTaken {
                node: node.to_string(),
                holder,
                session,
            }),
            Self::Failed(error) if error.code().is_some() && !error.is_session_over() => {
                Some(Error::Refused(error))
            }
            Self::Failed(_) => None,
        }
    }
}
