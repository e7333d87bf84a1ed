//! Applying the log at start.

use super::{Effects, Machine, Now};
use crate::{
    Entry, Txn,
    tree::{NodeId, Stamp},
};
use dockeeper_zk_proto::path;
use std::time::Duration;

/// Why an entry of the log does not fit the state.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// Entries are missing, or come twice.
    #[error(
        "the log goes on with transaction {found:#x} where {expected:#x} is due; entries are \
         missing: put back the files that were taken from the data directory"
    )]
    Gap {
        /// The number that is due.
        expected: i64,
        /// The number that there is.
        found: i64,
    },
    /// A znode is missing, or is there and should not be.
    #[error(
        "transaction {zxid:#x} of the log does not fit: {what} {path:?}; the snapshot and the log \
         do not belong together: put back the files that were taken from the data directory"
    )]
    Misfit {
        /// The transaction.
        zxid: i64,
        /// What is wrong.
        what: &'static str,
        /// The znode.
        path: String,
    },
}

// === impl Machine ===

impl Machine {
    /// Applies an entry of the log. Behind the last one, [`start`](Self::start) has to be called.
    ///
    /// After an error the state is of no use.
    pub fn replay(&mut self, entry: &Entry) -> Result<(), ReplayError> {
        let expected = self.next_zxid();
        if entry.zxid != expected {
            return Err(ReplayError::Gap {
                expected,
                found: entry.zxid,
            });
        }
        let stamp = Stamp::of(entry);
        match &entry.txn {
            Txn::CreateSession { timeout_ms } => {
                self.session_ids.note(entry.session);
                self.sessions
                    .begin(entry.session, *timeout_ms, Duration::ZERO);
            }
            // Nobody watches anything yet.
            Txn::CloseSession => self.apply_close(stamp, &mut Effects::default()),
            Txn::Multi(txns) => {
                for txn in txns {
                    self.replay_change(txn, stamp)?;
                }
            }
            txn => self.replay_change(txn, stamp)?,
        }
        self.advance(entry);
        Ok(())
    }

    /// The log has been read: all of it is on disk, and each session has its whole time-out from
    /// `now` on.
    pub fn start(&mut self, now: Now) {
        self.durable(self.last_zxid);
        let sessions: Vec<_> = self.sessions.iter().map(|(id, _)| id).collect();
        for session in sessions {
            self.sessions.touch(session, now.mono);
        }
    }

    fn replay_change(&mut self, txn: &Txn, stamp: Stamp) -> Result<(), ReplayError> {
        let at = self
            .locate(txn)
            .map_err(|(what, path)| ReplayError::Misfit {
                zxid: stamp.zxid,
                what,
                path: path.to_owned(),
            })?;
        self.apply(at, txn, stamp);
        Ok(())
    }

    /// Where a transaction takes effect, or what is wrong with which path.
    fn locate<'a>(&self, txn: &'a Txn) -> Result<NodeId, (&'static str, &'a str)> {
        match txn {
            Txn::Create { path, .. } => {
                let above =
                    path::parent(path).ok_or(("it is not below a znode:", path.as_str()))?;
                let parent = self.tree.find(above);
                let parent = parent.map_err(|_| ("there is no parent of", path.as_str()))?;
                match self.tree.child(parent, path::name(path)) {
                    None => Ok(parent),
                    Some(_) => Err(("there is already", path)),
                }
            }
            Txn::Delete { path } => {
                let at = self
                    .tree
                    .find(path)
                    .map_err(|_| ("there is no", path.as_str()))?;
                if at == NodeId::ROOT || self.tree.node(at).children > 0 {
                    return Err(("there are children of", path));
                }
                Ok(at)
            }
            Txn::SetData { path, .. } | Txn::SetAcl { path, .. } => {
                let at = self.tree.find(path);
                at.map_err(|_| ("there is no", path.as_str()))
            }
            Txn::CreateSession { .. } | Txn::CloseSession | Txn::Multi(_) => {
                Err(("a multi holds a session or a multi", ""))
            }
        }
    }
}
