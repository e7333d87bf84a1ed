//! Transactions take effect: the only way in which the tree ever changes, now and in replay.

use super::{Effects, Machine, events::Witnesses};
use crate::{
    Entry, Txn,
    tree::{NodeId, Stamp},
};

/// A transaction that was found to fit, and where.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) txn: Txn,
    /// The parent of the znode to be created, or the znode to be changed.
    pub(super) at: NodeId,
}

/// What a transaction did, as far as its events need it.
#[derive(Debug)]
pub(super) struct Applied {
    /// The znode that was created or changed; its former place, if it was deleted.
    pub(super) id: NodeId,
    witnesses: Option<Witnesses>,
}

// === impl Stamp ===

impl Stamp {
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            zxid: entry.zxid,
            time_ms: entry.time_ms,
            session: entry.session,
        }
    }
}

// === impl Machine ===

impl Machine {
    /// Changes the tree. Whether it may, was judged before; sessions and multis are not for here.
    pub(super) fn apply(&mut self, at: NodeId, txn: &Txn, stamp: Stamp) -> Applied {
        match txn {
            Txn::Create {
                path,
                data,
                acl,
                kind,
            } => {
                let data = data.as_deref();
                let id = self.tree.create(at, path, data, acl, *kind, stamp);
                let witnesses = self.witnesses(id);
                Applied { id, witnesses }
            }
            Txn::Delete { path } => {
                let witnesses = self.witnesses(at);
                self.tree.delete(at, path, stamp);
                Applied { id: at, witnesses }
            }
            Txn::SetData { path, data } => {
                self.tree.set_data(at, path, data.as_deref(), stamp);
                let witnesses = self.witnesses(at);
                Applied { id: at, witnesses }
            }
            Txn::SetAcl { acl, .. } => {
                self.tree.set_acl(at, acl, stamp);
                Applied {
                    id: at,
                    witnesses: None,
                }
            }
            Txn::CreateSession { .. } | Txn::CloseSession | Txn::Multi(_) => Applied {
                id: at,
                witnesses: None,
            },
        }
    }

    /// Sends the events of a transaction that is for good.
    pub(super) fn fire_for(
        &mut self,
        txn: &Txn,
        applied: Applied,
        zxid: i64,
        effects: &mut Effects,
    ) {
        let witnesses = applied.witnesses;
        match txn {
            Txn::Create { path, .. } => self.fire_created(path, witnesses, zxid, effects),
            Txn::Delete { path } => self.fire_deleted(path, witnesses, zxid, effects),
            Txn::SetData { path, .. } => self.fire_data_changed(path, witnesses, zxid, effects),
            Txn::SetAcl { .. } | Txn::CreateSession { .. } | Txn::CloseSession | Txn::Multi(_) => {}
        }
    }
}
