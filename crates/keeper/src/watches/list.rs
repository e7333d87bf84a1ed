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

    /// How many paths are watched.
    pub fn path_count(&self) -> usize {
        self.table.path_count()
    }

    /// How many connections watch something.
    pub fn connection_count(&self) -> usize {
        self.table.connection_count()
    }

    /// The watched paths and who watches each, both in order. Takes time and memory for all of
    /// them.
    pub fn by_path(&self) -> Vec<(&str, Vec<ConnId>)> {
        let mut paths: Vec<_> = self
            .table
            .paths()
            .map(|(path, conns)| {
                let mut conns: Vec<_> = conns.collect();
                conns.sort_unstable();
                (path, conns)
            })
            .collect();
        paths.sort_unstable();
        paths
    }

    /// The connections that watch something and the paths that each watches, both in order. Takes
    /// time and memory for all of them.
    pub fn by_connection(&self) -> Vec<(ConnId, Vec<&str>)> {
        let mut conns: Vec<_> = self
            .table
            .connections()
            .map(|(conn, paths)| {
                let mut paths: Vec<_> = paths.collect();
                paths.sort_unstable();
                (conn, paths)
            })
            .collect();
        conns.sort_unstable();
        conns
    }
}
