//! The end of a connection's watches.
//!
//! A connection may have a million of them, and everybody would wait while they are taken off their
//! paths. So they count for nothing at once, and are cleared away in slices.

use super::{
    Watches,
    table::{Holder, Table},
};
use crate::ConnId;

/// How many may be left to be cleared away: twice what one connection may have by default. Clients
/// that come, watch and go faster than that wait for the rest.
const LEFTOVERS_MAX: usize = 2_000_000;

// === impl Watches ===

impl Watches {
    /// Takes all watches of a connection away, for good: its number does not come back. What they
    /// take in memory is freed by [`sweep`](Self::sweep).
    pub fn drop_connection(&mut self, conn: ConnId) {
        let (count, recursive) = self.table.abandon(conn);
        self.count -= count;
        self.recursive -= recursive;
        self.sweep(self.table.leftovers.saturating_sub(LEFTOVERS_MAX));
    }

    /// Clears up to `max` watches of connections that are gone away.
    pub fn sweep(&mut self, max: usize) {
        self.table.sweep(max);
    }

    /// Whether there is something to clear away.
    pub fn has_leftovers(&self) -> bool {
        !self.table.gone.is_empty()
    }
}

// === impl Table ===

impl Table {
    /// Makes a connection's watchers leftovers; says how many watches those were, and how many of
    /// them recursive ones.
    fn abandon(&mut self, conn: ConnId) -> (usize, usize) {
        let holder = self.holders.get_mut(&conn);
        let Some(holder) = holder.filter(|holder| !holder.is_gone) else {
            return (0, 0);
        };
        holder.is_gone = true;
        self.leftovers += holder.places.len();
        self.gone.push(conn);
        (holder.count, holder.recursive)
    }

    fn sweep(&mut self, max: usize) {
        let mut left = max;
        while left > 0
            && let Some(conn) = self.gone.last()
        {
            let holder = self.holders.get_mut(conn);
            let places = holder.map(|holder| holder.take_places(left));
            let places = places.unwrap_or_default();
            if places.len() < left {
                // These were its last ones.
                self.holders.remove(conn);
                self.gone.pop();
            }
            left -= places.len();
            self.leftovers -= places.len();
            for (spot, place) in places {
                self.unhook(spot, place);
            }
        }
    }
}

// === impl Holder ===

impl Holder {
    fn take_places(&mut self, max: usize) -> Vec<(usize, usize)> {
        self.places.extract_if(|_, _| true).take(max).collect()
    }
}
