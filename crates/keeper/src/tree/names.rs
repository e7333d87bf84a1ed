//! Finding a znode's child by its name: one table for the whole tree.

use super::{node::Node, slab::NodeId};
use hashbrown::HashTable;

/// How many tables the names are spread over, as a power of two. A table that grows moves all that
/// it has; this way it is a small part of the tree at a time.
const SHARD_BITS: u32 = 6;

/// Keeps a seed of few bits, as tests have it, from making a poor hash: two of wyhash's constants.
const MIX: (u64, u64) = (0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db);

/// Where the znode of a parent and a name is.
#[derive(Debug)]
pub(super) struct Names {
    seed: Seed,
    shards: Vec<HashTable<Entry>>,
}

/// What hashes begin with: whoever does not know it cannot choose names that collide.
#[derive(Clone, Copy, Debug)]
struct Seed(u64, u64);

#[derive(Clone, Copy, Debug)]
struct Entry {
    id: NodeId,
    /// Half of the hash: tells most names apart, and lets a table grow without a look at znodes.
    hash: u32,
}

/// A hash, in the parts that are used.
#[derive(Clone, Copy)]
struct Hash {
    shard: usize,
    short: u32,
}

// === impl Names ===

impl Names {
    pub(super) fn new(seed: [u8; 16]) -> Self {
        let half = |index: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&seed[index..index + 8]);
            u64::from_le_bytes(bytes)
        };
        Self {
            // Odd, so that multiplying by it loses nothing.
            seed: Seed(half(0) ^ MIX.0, (half(8) ^ MIX.1) | 1),
            shards: (0..1 << SHARD_BITS).map(|_| HashTable::new()).collect(),
        }
    }

    /// The child `name` of `parent`. `node` looks a place up.
    pub(super) fn find<'a>(
        &self,
        parent: NodeId,
        name: &[u8],
        node: impl Fn(NodeId) -> &'a Node,
    ) -> Option<NodeId> {
        let hash = self.seed.hash(parent, name);
        let is_it = |entry: &Entry| {
            entry.hash == hash.short && {
                let node = node(entry.id);
                node.parent == parent && node.name() == name
            }
        };
        let entry = self.shards[hash.shard].find(spread(hash.short), is_it)?;
        Some(entry.id)
    }

    /// A name that is not there yet.
    pub(super) fn insert(&mut self, parent: NodeId, name: &[u8], id: NodeId) {
        let hash = self.seed.hash(parent, name);
        let entry = Entry {
            id,
            hash: hash.short,
        };
        self.shards[hash.shard].insert_unique(spread(hash.short), entry, |e| spread(e.hash));
    }

    pub(super) fn remove(&mut self, parent: NodeId, name: &[u8], id: NodeId) {
        let hash = self.seed.hash(parent, name);
        let shard = &mut self.shards[hash.shard];
        if let Ok(entry) = shard.find_entry(spread(hash.short), |entry| entry.id == id) {
            entry.remove();
        }
    }
}

// === impl Seed ===

impl Seed {
    /// Multiplies and folds, eight bytes at a time, as wyhash does.
    fn hash(self, parent: NodeId, name: &[u8]) -> Hash {
        let mut state = fold(self.0 ^ u64::from(parent.0), self.1 ^ name.len() as u64);
        let (words, rest) = name.as_chunks::<8>();
        for word in words {
            state = fold(state ^ u64::from_le_bytes(*word), self.1);
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        state = fold(state ^ u64::from_le_bytes(last), self.1);
        Hash {
            shard: (state >> (u64::BITS - SHARD_BITS)) as usize,
            short: state as u32,
        }
    }
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// A table's tags come from the upper bits and its buckets from the lower ones.
fn spread(short: u32) -> u64 {
    u64::from(short).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Names as programs make them, with the poorest seed.
    #[test]
    fn names_that_are_alike_spread() {
        let names = Names::new([0; 16]);
        let hash = |parent, index: u32| {
            let name = format!("node-{index:010}");
            names.seed.hash(NodeId(parent), name.as_bytes())
        };
        let all = (0..100_000).map(|index| hash(index % 7, index));
        let hashes: HashSet<_> = all.clone().map(|hash| spread(hash.short)).collect();
        assert!(hashes.len() > 99_990, "{}", hashes.len());
        let mut shards = [0; 1 << SHARD_BITS];
        all.for_each(|hash| shards[hash.shard] += 1);
        let mean = 100_000 / shards.len();
        assert!(
            shards
                .iter()
                .all(|count| (mean / 2..mean * 2).contains(count))
        );
    }
}
