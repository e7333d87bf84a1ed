//! The tree of znodes: a pure data structure, changed only by [transactions](crate::Txn).
//!
//! A znode is found by its parent and name, so no path is stored anywhere.

mod acls;
mod capture;
mod change;
mod codec;
mod dump;
mod journal;
mod names;
mod node;
mod quotas;
mod restore;
mod slab;
mod system;

pub(crate) use self::{
    acls::AclList,
    capture::Captured,
    change::Stamp,
    node::{Node, Owner},
    restore::{Restoring, Unfit},
    slab::NodeId,
    system::is_undeletable,
};

use self::{
    acls::{AclId, Acls},
    capture::Capture,
    journal::Journal,
    names::Names,
    slab::Slab,
};
use crate::{NodeKind, quota::Governed};
use dockeeper_zk_proto::Stat;
use std::collections::{BTreeSet, HashMap};

/// All znodes.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Slab,
    names: Names,
    acls: Acls,
    /// Each session's ephemeral znodes.
    ephemerals: HashMap<i64, BTreeSet<NodeId>>,
    /// Containers, and znodes with a time to live: what the reaper looks at.
    mortals: BTreeSet<NodeId>,
    /// The trees that have quotas: what [`quota`](crate::quota) znodes say.
    governed: Governed,
    journal: Journal,
    capture: Option<Box<Capture>>,
    /// The znodes' data, in bytes.
    data_len: u64,
    /// Their paths, in bytes, were they stored.
    paths_len: u64,
    /// The newest change of access control lists, which no stat tells the transaction of.
    acl_zxid: i64,
    /// The newest change of a quota's count, likewise.
    quota_zxid: i64,
}

// === impl Tree ===

impl Tree {
    /// The tree of a new server. `seed` is secret.
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        let mut tree = Self::empty(seed);
        tree.create_system_nodes();
        tree
    }

    fn empty(seed: [u8; 16]) -> Self {
        Self {
            nodes: Slab::default(),
            names: Names::new(seed),
            acls: Acls::new(),
            ephemerals: HashMap::new(),
            mortals: BTreeSet::new(),
            governed: Governed::default(),
            journal: Journal::default(),
            capture: None,
            data_len: 0,
            paths_len: 0,
            acl_zxid: 0,
            quota_zxid: 0,
        }
    }

    /// How many znodes there are, `/` included.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// How much data they have, in bytes.
    pub(crate) fn data_len(&self) -> u64 {
        self.data_len
    }

    /// How long their paths are, in bytes. That of `/` is empty here.
    pub(crate) fn paths_len(&self) -> u64 {
        self.paths_len
    }

    /// How many of them are ephemeral.
    pub(crate) fn ephemerals_len(&self) -> usize {
        self.ephemerals.values().map(BTreeSet::len).sum()
    }

    /// The znode at a path, or the nearest one above where it would be.
    ///
    /// As for Apache's server, the empty path is another name of `/`.
    pub(crate) fn find(&self, path: &str) -> Result<NodeId, NodeId> {
        let names = match path.strip_prefix('/') {
            Some("") => return Ok(NodeId::ROOT),
            Some(names) => names,
            None if path.is_empty() => return Ok(NodeId::ROOT),
            None => return Err(NodeId::ROOT),
        };
        names
            .split('/')
            .try_fold(NodeId::ROOT, |id, name| self.child(id, name).ok_or(id))
    }

    /// The child of a znode.
    pub(crate) fn child(&self, parent: NodeId, name: &str) -> Option<NodeId> {
        self.names
            .find(parent, name.as_bytes(), |id| &self.nodes[id])
    }

    /// A znode that is there.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    pub(crate) fn stat(&self, id: NodeId) -> Stat {
        self.nodes[id].stat()
    }

    pub(crate) fn acl(&self, id: NodeId) -> &AclList {
        self.acls.get(self.nodes[id].acl)
    }

    pub(crate) fn parent(&self, id: NodeId) -> NodeId {
        self.nodes[id].parent
    }

    /// A znode's children, the newest first.
    pub(crate) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let some = |id: NodeId| (id != NodeId::NONE).then_some(id);
        std::iter::successors(some(self.nodes[id].first_child), move |id| {
            some(self.nodes[*id].next)
        })
    }

    /// How many znodes lie below one.
    pub(crate) fn count_below(&self, id: NodeId) -> usize {
        let mut count = 0;
        let mut below: Vec<_> = self.children(id).collect();
        while let Some(id) = below.pop() {
            count += 1;
            below.extend(self.children(id));
        }
        count
    }

    /// A znode's whole path.
    pub(crate) fn path(&self, id: NodeId) -> String {
        let up = |id: &NodeId| Some(self.nodes[*id].parent);
        let line: Vec<_> = std::iter::successors(Some(id), up)
            .take_while(|id| *id != NodeId::ROOT)
            .collect();
        if line.is_empty() {
            return "/".to_owned();
        }
        let mut path = Vec::new();
        for id in line.iter().rev() {
            path.push(b'/');
            path.extend_from_slice(self.nodes[*id].name());
        }
        // Names come from paths, which are text.
        String::from_utf8_lossy(&path).into_owned()
    }

    /// A session's ephemeral znodes.
    pub(crate) fn ephemerals(&self, session: i64) -> impl Iterator<Item = NodeId> {
        self.ephemerals.get(&session).into_iter().flatten().copied()
    }

    /// The sessions that have ephemeral znodes.
    pub(crate) fn ephemeral_owners(&self) -> impl Iterator<Item = i64> {
        self.ephemerals.keys().copied()
    }

    /// Containers, and znodes with a time to live.
    pub(crate) fn mortals(&self) -> impl Iterator<Item = NodeId> {
        self.mortals.iter().copied()
    }

    /// The newest change of access control lists.
    pub(crate) fn acl_zxid(&self) -> i64 {
        self.acl_zxid
    }

    /// The newest change of a quota's count.
    pub(crate) fn quota_zxid(&self) -> i64 {
        self.quota_zxid
    }

    /// Puts a znode into a free place and links it.
    fn link(&mut self, mut node: Node) -> NodeId {
        let id = self.nodes.next();
        self.hide(id);
        let parent = node.parent;
        node.previous = NodeId::NONE;
        node.next = self.nodes[parent].first_child;
        let next = node.next;
        self.names.insert(parent, node.name(), id);
        self.index(id, node.owner(), node.data_len());
        self.nodes.insert(node);
        if next != NodeId::NONE {
            self.nodes[next].previous = id;
        }
        let above = &mut self.nodes[parent];
        above.first_child = id;
        above.children += 1;
        self.paths_len += self.path_len(id);
        id
    }

    /// How long a znode's path is; zero for `/`.
    fn path_len(&self, mut id: NodeId) -> u64 {
        let mut len = 0;
        while id != NodeId::ROOT {
            let node = &self.nodes[id];
            len += 1 + node.name().len() as u64;
            id = node.parent;
        }
        len
    }

    /// Notes a znode wherever znodes of its kind are noted.
    fn index(&mut self, id: NodeId, owner: Owner, data_len: usize) {
        self.data_len += data_len as u64;
        match owner.kind {
            NodeKind::Persistent => {}
            NodeKind::Ephemeral => {
                self.ephemerals.entry(owner.session).or_default().insert(id);
            }
            NodeKind::Container | NodeKind::Ttl(_) => {
                self.mortals.insert(id);
            }
        }
    }

    /// Takes a znode out of its place. Its access control list is still held.
    fn unlink(&mut self, id: NodeId) -> Node {
        self.paths_len -= self.path_len(id);
        let node = self.nodes.remove(id);
        self.names.remove(node.parent, node.name(), id);
        self.data_len -= node.data_len() as u64;
        let owner = node.owner();
        match owner.kind {
            NodeKind::Persistent => {}
            NodeKind::Ephemeral => {
                if let Some(nodes) = self.ephemerals.get_mut(&owner.session) {
                    nodes.remove(&id);
                    if nodes.is_empty() {
                        self.ephemerals.remove(&owner.session);
                    }
                }
            }
            NodeKind::Container | NodeKind::Ttl(_) => {
                self.mortals.remove(&id);
            }
        }
        if node.next != NodeId::NONE {
            self.nodes[node.next].previous = node.previous;
        }
        if node.previous == NodeId::NONE {
            self.nodes[node.parent].first_child = node.next;
        } else {
            self.nodes[node.previous].next = node.next;
        }
        self.nodes[node.parent].children -= 1;
        node
    }
}
