//! Where znodes live.

use super::node::Node;

/// A znode's place. It can be another znode's when the first is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(super) u32);

/// Znodes in a chunk, as a power of two: 112 KiB of memory. Growing by chunks never copies what is
/// there.
const CHUNK_BITS: u32 = 10;

const CHUNK_LEN: usize = 1 << CHUNK_BITS;

/// Znodes, each at a place that stays.
#[derive(Debug, Default)]
pub(super) struct Slab {
    chunks: Vec<Vec<Slot>>,
    /// The first free place; the others hang on it.
    free: NodeId,
    /// How many places there are, free or not.
    slots: u32,
    /// How many are taken.
    len: usize,
}

#[derive(Clone, Debug)]
enum Slot {
    Taken(Node),
    /// With the next free one.
    Free(NodeId),
}

// === impl NodeId ===

impl NodeId {
    /// No znode.
    pub(super) const NONE: Self = Self(u32::MAX);

    /// The place of `/`.
    pub(crate) const ROOT: Self = Self(0);

    fn split(self) -> (usize, usize) {
        let index = self.0 as usize;
        (index >> CHUNK_BITS, index & (CHUNK_LEN - 1))
    }
}

impl Default for NodeId {
    fn default() -> Self {
        Self::NONE
    }
}

// === impl Slab ===

impl Slab {
    /// How many places there are: every [`NodeId`] is below.
    pub(super) fn slots(&self) -> u32 {
        self.slots
    }

    /// How many znodes there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The place that [`insert`](Self::insert) will use.
    pub(super) fn next(&self) -> NodeId {
        if self.free == NodeId::NONE {
            NodeId(self.slots)
        } else {
            self.free
        }
    }

    pub(super) fn insert(&mut self, node: Node) -> NodeId {
        let id = self.next();
        if self.free == NodeId::NONE {
            self.grow(Slot::Taken(node));
        } else if let Slot::Free(next) = std::mem::replace(self.slot_mut(id), Slot::Taken(node)) {
            self.free = next;
        }
        self.len += 1;
        id
    }

    /// Puts a znode at a place; false if one is there already. The places between are found free
    /// only after [`relink_free`](Self::relink_free).
    pub(super) fn put(&mut self, id: NodeId, node: Node) -> bool {
        while self.slots <= id.0 {
            self.grow(Slot::Free(NodeId::NONE));
        }
        let slot = self.slot_mut(id);
        if matches!(slot, Slot::Taken(_)) {
            return false;
        }
        *slot = Slot::Taken(node);
        self.len += 1;
        true
    }

    /// Finds all free places again, the lowest first.
    pub(super) fn relink_free(&mut self) {
        self.free = NodeId::NONE;
        for id in (0..self.slots).rev().map(NodeId) {
            let free = self.free;
            if let Slot::Free(next) = self.slot_mut(id) {
                *next = free;
                self.free = id;
            }
        }
    }

    /// Takes a znode out; it must be there.
    pub(super) fn remove(&mut self, id: NodeId) -> Node {
        let free = self.free;
        match std::mem::replace(self.slot_mut(id), Slot::Free(free)) {
            Slot::Taken(node) => {
                self.free = id;
                self.len -= 1;
                node
            }
            Slot::Free(_) => unreachable!("a place is given back once"),
        }
    }

    /// The znode at a place that may be free.
    pub(super) fn get(&self, id: NodeId) -> Option<&Node> {
        let (chunk, index) = id.split();
        match self.chunks.get(chunk)?.get(index)? {
            Slot::Taken(node) => Some(node),
            Slot::Free(_) => None,
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = NodeId> {
        (0..self.slots)
            .map(NodeId)
            .filter(|id| self.get(*id).is_some())
    }

    fn grow(&mut self, slot: Slot) {
        let (chunk, _) = NodeId(self.slots).split();
        if chunk == self.chunks.len() {
            self.chunks.push(Vec::with_capacity(CHUNK_LEN));
        }
        self.chunks[chunk].push(slot);
        self.slots += 1;
    }

    fn slot_mut(&mut self, id: NodeId) -> &mut Slot {
        let (chunk, index) = id.split();
        &mut self.chunks[chunk][index]
    }
}

impl std::ops::Index<NodeId> for Slab {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        let (chunk, index) = id.split();
        match &self.chunks[chunk][index] {
            Slot::Taken(node) => node,
            Slot::Free(_) => unreachable!("links lead to znodes"),
        }
    }
}

impl std::ops::IndexMut<NodeId> for Slab {
    fn index_mut(&mut self, id: NodeId) -> &mut Node {
        match self.slot_mut(id) {
            Slot::Taken(node) => node,
            Slot::Free(_) => unreachable!("links lead to znodes"),
        }
    }
}
