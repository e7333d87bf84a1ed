//! Every connection's watches.
//!
//! A connection can have several kinds of watch on one path, as since Apache ZooKeeper 3.9. It
//! gets an event once, however many of its watches match.
//!
//! Both sides of a watch know where the other one keeps it, so that a watch is added, fired and
//! dropped in constant time however many there are on its path or connection. Those of a connection
//! that is gone are cleared away bit by bit.

mod fire;
mod kinds;
mod list;
mod sweep;
mod table;
#[cfg(test)]
mod tests;

use crate::ConnId;
use dockeeper_zk_proto::watch::WatcherType;
use kinds::Kinds;
use table::Table;

/// What a watch waits for, and how long it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The next change of a znode's data or existence.
    Data,
    /// The next change of a znode's children, or its end.
    Children,
    /// Every change of a znode and of its children.
    Persistent,
    /// Every change of a znode and of all below it.
    PersistentRecursive,
}

/// A connection has as many watches as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the connection has {max} watches, the most that it may have; remove some, use recursive \
     ones, or raise the server's limit"
)]
pub struct TooMany {
    /// How many it may have.
    pub max: usize,
}

/// Every connection's watches.
#[derive(Debug)]
pub struct Watches {
    table: Table,
    per_connection_max: usize,
    /// How many recursive watches there are: while there are none, nobody looks at ancestors.
    recursive: usize,
    /// How many watches there are in all.
    count: usize,
    /// How many events have fired: marks connections that got the present one.
    events: u64,
}

// === impl Watches ===

impl Watches {
    /// No watches yet; each connection may have `per_connection_max`.
    pub fn new(per_connection_max: usize) -> Self {
        Self {
            table: Table::default(),
            per_connection_max,
            recursive: 0,
            count: 0,
            events: 0,
        }
    }

    /// Arms a watch; one that is armed already stays as it is.
    pub fn add(&mut self, conn: ConnId, path: &str, kind: Kind) -> Result<(), TooMany> {
        let kinds = Kinds::from(kind);
        if self.table.kinds(conn, path).intersects(kinds) {
            return Ok(());
        }
        if self.table.count(conn) >= self.per_connection_max {
            return Err(TooMany {
                max: self.per_connection_max,
            });
        }
        self.table.add(conn, path, kinds);
        self.count += 1;
        self.recursive += kinds.recursive();
        Ok(())
    }

    /// Takes a connection's watches on a path away; false if it had none such.
    pub fn remove(&mut self, conn: ConnId, path: &str, which: WatcherType) -> bool {
        let removed = self.table.remove(conn, path, Kinds::from(which));
        self.forget(removed);
        !removed.is_empty()
    }

    /// Whether a connection has a watch on a path. One on a path above does not count.
    pub fn contains(&self, conn: ConnId, path: &str, which: WatcherType) -> bool {
        self.table.kinds(conn, path).intersects(Kinds::from(which))
    }

    fn forget(&mut self, removed: Kinds) {
        self.count -= removed.len();
        self.recursive -= removed.recursive();
    }
}
