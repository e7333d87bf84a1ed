//! Putting a tree back from a snapshot.

use super::{
    AclId, NodeId, Tree,
    codec::{self, Item, Written},
};
use bytes::Bytes;
use dockeeper_zk_proto::{DecodeError, Decoder};
use std::collections::HashMap;

/// Why a snapshot's znodes are no tree.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Bytes are not what they should be.
    #[error("a snapshot's item cannot be read: {0}")]
    Decode(#[from] DecodeError),
    /// Two znodes are at one place.
    #[error("the snapshot has two znodes at the place {0}")]
    Place(u32),
    /// A znode names a list that was not written before it.
    #[error("the znode at the place {0} has an access control list that the snapshot lacks")]
    Acl(u32),
    /// A znode's parent is not there, or `/` is not.
    #[error("the znode at the place {0} has no parent in the snapshot")]
    Orphan(u32),
    /// Two children of one znode have one name, or one has none.
    #[error("the znode at the place {0} has a name that another has, or none")]
    Name(u32),
    /// A znode has more or fewer children than it should have.
    #[error("the snapshot lacks children of the znode at the place {0}, or has too many")]
    Children(u32),
    /// Znodes that are each other's parents.
    #[error("the snapshot has {0} znodes that cannot be reached from '/'")]
    Unreachable(usize),
    /// Znodes are missing.
    #[error("the snapshot has {found} znodes where it should have {expected}")]
    Count {
        /// How many there should be.
        expected: u64,
        /// How many there are.
        found: usize,
    },
}

/// A tree that is being put back.
///
/// Znodes get new places, without the gaps that deletions had left.
#[derive(Debug)]
pub(crate) struct Restoring {
    tree: Tree,
    acls: HashMap<u32, AclId>,
    /// The places by those in the snapshot.
    places: HashMap<u32, NodeId>,
    /// The next place behind that of `/`.
    next: u32,
}

// === impl Restoring ===

impl Restoring {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Self {
            tree: Tree::empty(seed),
            acls: HashMap::new(),
            places: HashMap::new(),
            next: NodeId::ROOT.0 + 1,
        }
    }

    /// Takes the next slice.
    pub(crate) fn slice(&mut self, slice: Bytes) -> Result<(), Unfit> {
        let mut input = Decoder::new(slice);
        while input.remaining() > 0 {
            match codec::decode(&mut input)? {
                Item::Acl(number, acl) => {
                    let id = self.tree.acls.acquire(&acl);
                    self.acls.insert(number, id);
                }
                Item::Node(written) => self.put(*written)?,
            }
        }
        Ok(())
    }

    /// Checks everything and links it; there should be so many znodes.
    pub(crate) fn finish(mut self, expected: u64) -> Result<Tree, Unfit> {
        let found = self.tree.nodes.len();
        if found as u64 != expected {
            return Err(Unfit::Count { expected, found });
        }
        // The lists themselves do not count as users any more.
        for id in self.acls.into_values() {
            self.tree.acls.release(id);
        }
        self.tree.nodes.relink_free();
        self.tree.relink(&self.places)?;
        self.tree.find_quotas();
        Ok(self.tree)
    }

    fn put(&mut self, written: Written) -> Result<(), Unfit> {
        let Written { id, acl, mut node } = written;
        node.acl = *self.acls.get(&acl).ok_or(Unfit::Acl(id.0))?;
        self.tree.acls.share(node.acl);
        let place = match id {
            NodeId::ROOT => NodeId::ROOT,
            _ => NodeId(self.next),
        };
        if self.places.insert(id.0, place).is_some() || !self.tree.nodes.put(place, node) {
            return Err(Unfit::Place(id.0));
        }
        self.next += u32::from(id != NodeId::ROOT);
        Ok(())
    }
}

// === impl Tree ===

impl Tree {
    /// Links znodes that are at their places, and know where their parents were and how many
    /// children they have.
    fn relink(&mut self, places: &HashMap<u32, NodeId>) -> Result<(), Unfit> {
        let ids: Vec<_> = self.nodes.ids().collect();
        if ids.first() != Some(&NodeId::ROOT) || !self.nodes[NodeId::ROOT].name().is_empty() {
            return Err(Unfit::Orphan(NodeId::ROOT.0));
        }
        let root = &mut self.nodes[NodeId::ROOT];
        root.parent = NodeId::ROOT;
        self.data_len += root.data_len() as u64;
        let mut linked = vec![0; self.nodes.slots() as usize];
        for id in ids.iter().skip(1) {
            let parent = self.relink_one(*id, places)?;
            linked[parent.0 as usize] += 1;
        }
        for id in &ids {
            if self.nodes[*id].children != linked[id.0 as usize] {
                return Err(Unfit::Children(id.0));
            }
        }
        match ids.len() - 1 - self.count_below(NodeId::ROOT) {
            0 => {
                self.paths_len = ids.iter().map(|id| self.path_len(*id)).sum();
                Ok(())
            }
            lost => Err(Unfit::Unreachable(lost)),
        }
    }

    fn relink_one(&mut self, id: NodeId, places: &HashMap<u32, NodeId>) -> Result<NodeId, Unfit> {
        let parent = self.nodes[id].parent;
        let parent = *places.get(&parent.0).ok_or(Unfit::Orphan(id.0))?;
        self.nodes[id].parent = parent;
        let node = &self.nodes[id];
        let name = node.name();
        let is_taken = self
            .names
            .find(parent, name, |id| &self.nodes[id])
            .is_some();
        if name.is_empty() || is_taken {
            return Err(Unfit::Name(id.0));
        }
        self.names.insert(parent, name, id);
        let (owner, data_len) = (node.owner(), node.data_len());
        self.index(id, owner, data_len);
        let next = std::mem::replace(&mut self.nodes[parent].first_child, id);
        self.nodes[id].next = next;
        if next != NodeId::NONE {
            self.nodes[next].previous = id;
        }
        Ok(parent)
    }
}
