//! The changes that a tree can have. Whether they are allowed was judged before.

use super::{AclList, Node, NodeId, Owner, Tree, journal::Undo, node::Content};
use crate::NodeKind;
use dockeeper_zk_proto::acl::Acl;

/// What a change bears: the transaction that it is part of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) zxid: i64,
    pub(crate) time_ms: i64,
    pub(crate) session: i64,
}

// === impl Tree ===

impl Tree {
    /// Creates the znode `path` below its parent, which has no child of that name.
    pub(crate) fn create(
        &mut self,
        parent: NodeId,
        path: &str,
        data: Option<&[u8]>,
        acl: &[Acl],
        kind: NodeKind,
        stamp: Stamp,
    ) -> NodeId {
        let name = dockeeper_zk_proto::path::name(path);
        let owner = Owner {
            kind,
            session: stamp.session,
        };
        let acl = self.acls.acquire(acl);
        let mut node = Node::new(Content::new(name.as_bytes(), data), owner, acl, parent);
        node.czxid = stamp.zxid;
        node.mzxid = stamp.zxid;
        node.pzxid = stamp.zxid;
        node.ctime_ms = stamp.time_ms;
        node.mtime_ms = stamp.time_ms;
        self.children_change(parent, stamp, true);
        let id = self.link(node);
        self.journal.note(|| Undo::Created(id));
        self.count_created(id, path, stamp);
        id
    }

    /// Deletes a znode, which has no children and is at `path`.
    pub(crate) fn delete(&mut self, id: NodeId, path: &str, stamp: Stamp) {
        self.capture(id);
        let parent = self.nodes[id].parent;
        self.children_change(parent, stamp, false);
        let node = self.unlink(id);
        let data_len = node.data_len();
        if self.journal.is_open() {
            self.journal.note(|| Undo::Deleted(id, Box::new(node)));
        } else {
            self.acls.release(node.acl);
        }
        self.count_deleted(path, data_len, stamp);
    }

    /// Replaces the data of the znode at `path`.
    pub(crate) fn set_data(&mut self, id: NodeId, path: &str, data: Option<&[u8]>, stamp: Stamp) {
        let before = self.nodes[id].data_len();
        self.replace_data(id, data, |node| {
            node.mzxid = stamp.zxid;
            node.mtime_ms = stamp.time_ms;
            node.version = node.version.wrapping_add(1);
        });
        let after = data.map_or(0, <[u8]>::len);
        self.count_set(path, before, after, stamp);
    }

    /// Replaces a znode's access control list. Nothing takes this back: no multi holds it.
    pub(crate) fn set_acl(&mut self, id: NodeId, acl: &[Acl], stamp: Stamp) {
        self.capture(id);
        let acl = self.acls.acquire(acl);
        let node = &mut self.nodes[id];
        node.aversion = node.aversion.wrapping_add(1);
        let before = std::mem::replace(&mut node.acl, acl);
        self.acls.release(before);
        self.acl_zxid = stamp.zxid;
    }

    /// What a znode's access control list is, for as long as somebody wants to know.
    pub(crate) fn acl_list(&self, id: NodeId) -> AclList {
        self.acl(id).clone()
    }

    pub(super) fn replace_data(
        &mut self,
        id: NodeId,
        data: Option<&[u8]>,
        change: impl FnOnce(&mut Node),
    ) {
        self.capture(id);
        let node = &mut self.nodes[id];
        self.data_len -= node.data_len() as u64;
        self.data_len += data.map_or(0, <[u8]>::len) as u64;
        let (mzxid, mtime_ms, version) = (node.mzxid, node.mtime_ms, node.version);
        let content = node.replace(Content::new(node.name(), data));
        change(node);
        self.journal.note(|| Undo::Data {
            id,
            content,
            mzxid,
            mtime_ms,
            version,
        });
    }

    /// A znode gets or loses a child. Creations are counted; the count stays at its end.
    fn children_change(&mut self, id: NodeId, stamp: Stamp, is_creation: bool) {
        self.capture(id);
        let node = &mut self.nodes[id];
        let (creations, pzxid) = (node.creations, node.pzxid);
        node.pzxid = stamp.zxid;
        node.creations = creations.saturating_add(i32::from(is_creation));
        self.journal.note(|| Undo::Children {
            id,
            creations,
            pzxid,
        });
    }
}
