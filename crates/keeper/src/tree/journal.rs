//! Taking changes back: what a multi that fails has done so far.

use super::{
    Tree,
    node::{Content, Node},
    slab::NodeId,
};

/// How to take one change back.
pub(super) enum Undo {
    /// A znode was created.
    Created(NodeId),
    /// A znode was deleted from this place.
    Deleted(NodeId, Box<Node>),
    /// A znode's children changed.
    Children {
        id: NodeId,
        creations: i32,
        pzxid: i64,
    },
    /// A znode's data changed.
    Data {
        id: NodeId,
        content: Content,
        mzxid: i64,
        mtime_ms: i64,
        version: i32,
    },
    /// The paths that have quotas changed.
    QuotaAdded(String),
    /// The paths that have quotas changed.
    QuotaRemoved(String),
}

/// What has changed since the journal was opened; `None` while changes are for good at once.
#[derive(Default)]
pub(super) struct Journal(Option<Vec<Undo>>);

// === impl Journal ===

impl Journal {
    pub(super) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Notes a change, if anybody may want it back.
    pub(super) fn note(&mut self, undo: impl FnOnce() -> Undo) {
        if let Some(undos) = &mut self.0 {
            undos.push(undo());
        }
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("is_open", &self.is_open())
            .finish()
    }
}

// === impl Tree ===

impl Tree {
    /// From here on changes can be taken back.
    pub(crate) fn begin(&mut self) {
        self.journal.0 = Some(Vec::new());
    }

    /// All changes since [`begin`](Self::begin) are for good.
    pub(crate) fn commit(&mut self) {
        for undo in self.journal.0.take().unwrap_or_default() {
            if let Undo::Deleted(_, node) = undo {
                self.acls.release(node.acl);
            }
        }
    }

    /// Takes all changes since [`begin`](Self::begin) back, the last one first, so that each finds
    /// the tree as it left it.
    pub(crate) fn rollback(&mut self) {
        for undo in self.journal.0.take().unwrap_or_default().into_iter().rev() {
            self.undo(undo);
        }
    }

    fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::Created(id) => {
                let node = self.unlink(id);
                self.acls.release(node.acl);
            }
            // The last place that was given back is the first to be taken again.
            Undo::Deleted(id, node) => {
                let again = self.link(*node);
                debug_assert_eq!(again, id);
            }
            Undo::Children {
                id,
                creations,
                pzxid,
            } => {
                let node = &mut self.nodes[id];
                node.creations = creations;
                node.pzxid = pzxid;
            }
            Undo::Data {
                id,
                content,
                mzxid,
                mtime_ms,
                version,
            } => {
                let node = &mut self.nodes[id];
                self.data_len -= node.data_len() as u64;
                node.replace(content);
                self.data_len += node.data_len() as u64;
                node.mzxid = mzxid;
                node.mtime_ms = mtime_ms;
                node.version = version;
            }
            Undo::QuotaAdded(path) => {
                self.governed.remove(&path);
            }
            Undo::QuotaRemoved(path) => {
                self.governed.add(&path);
            }
        }
    }
}
