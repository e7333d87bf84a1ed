//! What the four-letter words tell of watches.

use super::Watches;
use crate::ConnId;

// === impl Watches ===

impl Watches {
    /// How many watches there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many watches a connection has.
    pub fn count_of(&self, conn: ConnId) -> usize {
        self.table.count(conn)
    }

    /// How many paths are watched. Those of a connection that is gone count until they are
    /// [cleared away](Self::sweep).
    pub fn path_count(&self) -> usize {
        self.table.path_count()
    }

    /// How many connections watch something.
    pub fn connection_count(&self) -> usize {
        self.table.connection_count()
    }

    /// How many paths each connection watches, in all.
    pub fn pair_count(&self) -> usize {
        self.table.pair_count()
    }

    /// The watched paths and who watches each, both in order: up to `max` pairs, any of them.
    pub fn by_path(&self, max: usize) -> Vec<(&str, Vec<ConnId>)> {
        sorted(self.table.paths(), max)
    }

    /// The connections that watch something and the paths that each watches, both in order: up to
    /// `max` pairs, any of them.
    pub fn by_connection(&self, max: usize) -> Vec<(ConnId, Vec<&str>)> {
        sorted(self.table.connections(), max)
    }
}

fn sorted<G: Ord, M: Ord>(
    groups: impl Iterator<Item = (G, impl Iterator<Item = M>)>,
    max: usize,
) -> Vec<(G, Vec<M>)> {
    let (mut found, mut left) = (Vec::new(), max);
    // No more groups than pairs, as many may have none.
    for (group, members) in groups.take(max) {
        let mut members: Vec<_> = members.take(left).collect();
        if members.is_empty() {
            continue;
        }
        left -= members.len();
        members.sort_unstable();
        found.push((group, members));
    }
    found.sort_unstable();
    found
}
