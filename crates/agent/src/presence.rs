//! The host's own znode: says that its agent lives, and keeps a second one away.

mod claim;

pub(crate) use claim::Claim;

use dockeeper_model::{NodeName, NodeRecord, decode, encode, layout};
use dockeeper_registry::trouble::Trouble;
use dockeeper_zk_client::{Client, CreateMode, ErrorCode, OneShot};
use std::time::Duration;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout_at},
};

/// How long beyond its time-out a dead agent's session may hold the name: its server ends it at
/// the next of its ticks, which are at most half of the shortest time-out.
const EXPIRY_PART: u32 = 2;

/// How soon the znode is looked at again after a failure, or after somebody else has written it:
/// against one who writes it again and again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// The host's znode, held by a session.
#[derive(Debug)]
pub(crate) struct Presence<'a> {
    client: &'a Client,
    node: &'a NodeName,
    path: String,
    session_timeout: Duration,
    twins: watch::Sender<usize>,
}

// === impl Presence ===

impl<'a> Presence<'a> {
    /// The znode of `node`, not held yet. How often another process with the same session writes
    /// it is counted in `twins`.
    pub(crate) fn new(
        client: &'a Client,
        node: &'a NodeName,
        session_timeout: Duration,
        twins: watch::Sender<usize>,
    ) -> Self {
        Self {
            client,
            node,
            path: layout::node(node),
            session_timeout,
            twins,
        }
    }

    /// Takes the host's name. One that the session of a dead agent still holds is waited for, as
    /// long as that session can live.
    pub(crate) async fn claim(&self, record: &NodeRecord) -> Result<(), Claim> {
        for parent in [
            layout::NODES,
            layout::MAINTENANCE,
            layout::SERVICES,
            layout::CONTAINERS,
        ] {
            let mode = CreateMode::Persistent;
            self.client.create_all(parent, mode).await?;
        }
        self.hold(record).await
    }

    /// Keeps the znode there and up to date, whatever others do to it. It is looked at when it
    /// changes, when there is something new to say, and every `compare_interval`. Ends when the
    /// name is another agent's.
    pub(crate) async fn keep(
        self,
        mut record: watch::Receiver<NodeRecord>,
        compare_interval: Duration,
    ) -> Claim {
        let mut trouble = Trouble::default();
        loop {
            let wanted = record.borrow_and_update().clone();
            match self.compare(&wanted).await {
                Ok(None) => {}
                Ok(Some(changed)) => {
                    trouble.ends(Instant::now());
                    tokio::select! {
                        _ = changed.fired() => {}
                        Ok(()) = record.changed() => {}
                        () = sleep(compare_interval) => {}
                    }
                }
                Err(Claim::Failed(error)) => {
                    if trouble.occurs(Instant::now()).is_some() {
                        tracing::warn!(%error, "cannot keep the host's own znode; trying again");
                    }
                    sleep(RETRY_INTERVAL).await;
                }
                Err(lost) => return lost,
            }
        }
    }

    /// Looks at the znode, and writes it where it is not as it should be. Returns a watch for its
    /// next change when it was.
    async fn compare(&self, wanted: &NodeRecord) -> Result<Option<OneShot>, Claim> {
        let (content, stat, changed) = match self.client.get_and_watch(&self.path).await {
            Ok(found) => found,
            Err(error) if error.is(ErrorCode::NoNode) => {
                tracing::warn!(path = self.path, "somebody deleted the host's own znode");
                self.hold(wanted).await?;
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        if !self.is_own(stat.ephemeral_owner) {
            self.hold(wanted).await?;
            return Ok(None);
        }
        if content == encode(wanted) {
            return Ok(Some(changed));
        }
        let found = decode::<NodeRecord>(&content).map(|found| found.agent_started_ms);
        if found.as_ref().ok() != Some(&wanted.agent_started_ms) {
            tracing::warn!(path = self.path, "somebody changed the host's own znode");
            if found.is_ok() {
                self.twins.send_modify(|twins| *twins += 1);
            }
            // Whoever did it may do it again.
            sleep(RETRY_INTERVAL).await;
        }
        self.write(wanted).await?;
        Ok(None)
    }

    /// Creates the znode, or takes it over where this session has it already.
    async fn hold(&self, record: &NodeRecord) -> Result<(), Claim> {
        let part = self.session_timeout / EXPIRY_PART;
        let deadline = Instant::now() + self.session_timeout + part;
        loop {
            let mode = CreateMode::Ephemeral;
            match self.client.create(&self.path, encode(record), mode).await {
                Ok(_) => return Ok(()),
                Err(error) if error.is(ErrorCode::NodeExists) => {}
                Err(error) => return Err(error.into()),
            }
            let (stat, gone) = self.client.exists_and_watch(&self.path).await?;
            let Some(owner) = stat.map(|stat| stat.ephemeral_owner) else {
                continue;
            };
            if self.is_own(owner) {
                return self.write(record).await;
            }
            let (node, session) = (self.node, format!("{owner:#x}"));
            tracing::warn!(%node, session, "the node name is taken; waiting for its session to end");
            if timeout_at(deadline, gone.fired()).await.is_err() {
                let holder = self.holder().await;
                return Err(Claim::Taken {
                    holder,
                    session: owner,
                });
            }
        }
    }

    async fn write(&self, record: &NodeRecord) -> Result<(), Claim> {
        let set = self.client.set(&self.path, encode(record), None).await;
        Ok(set.map(drop)?)
    }

    fn is_own(&self, owner: i64) -> bool {
        self.client.session().is_some_and(|own| own.id == owner)
    }

    async fn holder(&self) -> String {
        let unknown = || "a host that it does not name".to_owned();
        let Ok((content, _)) = self.client.get(&self.path).await else {
            return unknown();
        };
        match decode::<NodeRecord>(&content) {
            Ok(record) => format!("host {} ({})", record.hostname, record.address),
            Err(_) => unknown(),
        }
    }
}
