//! The znodes that a new server has.

use super::{AclId, Node, NodeId, Owner, Tree, node::Content};
use dockeeper_zk_proto::acl::Acl;

/// The paths that no client may delete.
const UNDELETABLE: [&str; 4] = ["/", "/zookeeper", crate::quota::ROOT, "/zookeeper/config"];

/// Whether a path is the server's own, and stays.
pub(crate) fn is_undeletable(path: &str) -> bool {
    UNDELETABLE.contains(&path)
}

// === impl Tree ===

impl Tree {
    /// They count as never created: their stats are zero, and so are the counts of their parents'
    /// creations. Only the configuration's list was set once, before all versions began.
    pub(super) fn create_system_nodes(&mut self) {
        let mut root = Self::system_node("", AclId::OPEN);
        root.parent = NodeId::ROOT;
        self.nodes.insert(root);
        let zookeeper = Self::system_node("zookeeper", AclId::OPEN);
        let zookeeper = self.link(zookeeper);
        for name in ["quota", "config"] {
            let mut node = Self::system_node(name, AclId::OPEN);
            node.parent = zookeeper;
            if name == "config" {
                node.acl = self.acls.acquire(&Acl::read_only());
                node.aversion = -1;
            }
            self.link(node);
        }
    }

    fn system_node(name: &str, acl: AclId) -> Node {
        let content = Content::new(name.as_bytes(), Some(b""));
        Node::new(content, Owner::NOBODY, acl, NodeId::ROOT)
    }
}
