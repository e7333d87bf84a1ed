//! Who watches what, from both sides.

use super::kinds::Kinds;
use crate::{
    ConnId,
    conn::{ConnMap, NumberMap},
};
use std::{collections::HashMap, sync::Arc};

/// The index of a [`Spot`].
pub(super) type SpotId = usize;

/// Who watches what.
#[derive(Debug, Default)]
pub(super) struct Table {
    ids: HashMap<Arc<str>, SpotId>,
    spots: Vec<Spot>,
    /// Spots that nobody watches, to be used again.
    free: Vec<SpotId>,
    pub(super) holders: ConnMap<Holder>,
    /// Connections that are gone, of which watchers are left: see [`sweep`](Self::sweep).
    pub(super) gone: Vec<ConnId>,
    /// How many such watchers there are.
    pub(super) leftovers: usize,
}

/// A path that somebody watches.
#[derive(Debug)]
struct Spot {
    path: Arc<str>,
    watchers: Vec<Watcher>,
}

/// A connection's watches on one path.
#[derive(Clone, Copy, Debug)]
struct Watcher {
    conn: ConnId,
    kinds: Kinds,
}

/// A connection that watches something, or did before it was gone.
#[derive(Debug, Default)]
pub(super) struct Holder {
    /// Where the connection stands among the watchers of each spot.
    pub(super) places: NumberMap<SpotId, usize>,
    pub(super) count: usize,
    /// How many of its watches are recursive.
    pub(super) recursive: usize,
    /// The last event that it got while there were recursive watches.
    event: u64,
    pub(super) is_gone: bool,
}

// === impl Table ===

impl Table {
    /// A connection's watches on a path.
    pub(super) fn kinds(&self, conn: ConnId, path: &str) -> Kinds {
        self.find(conn, path).map_or(Kinds::NONE, |(spot, place)| {
            self.spots[spot].watchers[place].kinds
        })
    }

    /// How many watches a connection has.
    pub(super) fn count(&self, conn: ConnId) -> usize {
        self.holders.get(&conn).map_or(0, |holder| holder.count)
    }

    /// Adds watches that the connection does not have on the path.
    pub(super) fn add(&mut self, conn: ConnId, path: &str, kinds: Kinds) {
        let id = self.spot_of(path);
        let spot = &mut self.spots[id];
        let holder = self.holders.entry(conn).or_default();
        holder.count += kinds.len();
        holder.recursive += kinds.recursive();
        let place = *holder.places.entry(id).or_insert(spot.watchers.len());
        match spot.watchers.get_mut(place) {
            Some(watcher) => watcher.kinds = watcher.kinds.with(kinds),
            None => spot.watchers.push(Watcher { conn, kinds }),
        }
    }

    /// Takes those of a connection's watches on a path away that are among `kinds`.
    pub(super) fn remove(&mut self, conn: ConnId, path: &str, kinds: Kinds) -> Kinds {
        let Some((spot, place)) = self.find(conn, path) else {
            return Kinds::NONE;
        };
        self.remove_at(spot, place, kinds)
    }

    /// The spot of a path that somebody watches.
    pub(super) fn spot_id(&self, path: &str) -> Option<SpotId> {
        self.ids.get(path).copied()
    }

    /// Fires the watches of a spot that are among `kinds`, and says how many ended by it.
    ///
    /// With an `event`, connections that have been given the same one already are left out.
    pub(super) fn fire(
        &mut self,
        id: SpotId,
        kinds: Kinds,
        event: Option<u64>,
        sink: &mut Vec<ConnId>,
    ) -> usize {
        let mut ended = 0;
        // From the end, so that what takes a removed one's place has been looked at.
        for place in (0..self.spots[id].watchers.len()).rev() {
            let watcher = self.spots[id].watchers[place];
            let firing = watcher.kinds.common(kinds);
            if firing.is_empty() || self.is_gone(watcher.conn) {
                continue;
            }
            if event.is_none_or(|event| self.is_news(watcher.conn, event)) {
                sink.push(watcher.conn);
            }
            if !firing.one_shot().is_empty() {
                ended += self.remove_at(id, place, firing.one_shot()).len();
            }
        }
        ended
    }

    /// How many paths have a watcher, be it one of a connection that is gone.
    pub(super) fn path_count(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn connection_count(&self) -> usize {
        self.holders.len() - self.gone.len()
    }

    /// How many paths each connection watches, in all.
    pub(super) fn pair_count(&self) -> usize {
        let pairs: usize = self
            .holders
            .values()
            .map(|holder| holder.places.len())
            .sum();
        pairs - self.leftovers
    }

    /// The paths that have watchers, and those of connections that are there.
    pub(super) fn paths(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = ConnId>)> {
        self.ids.iter().map(|(path, id)| {
            let conns = self.spots[*id].watchers.iter().map(|watcher| watcher.conn);
            (&**path, conns.filter(|conn| !self.is_gone(*conn)))
        })
    }

    /// The connections that watch something and the paths that each watches.
    pub(super) fn connections(&self) -> impl Iterator<Item = (ConnId, impl Iterator<Item = &str>)> {
        let holders = self.holders.iter().filter(|(_, holder)| !holder.is_gone);
        holders.map(|(conn, holder)| {
            let paths = holder.places.keys().map(|id| &*self.spots[*id].path);
            (*conn, paths)
        })
    }

    fn is_gone(&self, conn: ConnId) -> bool {
        // Mostly none is, and then nothing has to be looked up.
        !self.gone.is_empty() && self.holders.get(&conn).is_none_or(|holder| holder.is_gone)
    }

    fn is_news(&mut self, conn: ConnId, event: u64) -> bool {
        self.holders
            .get_mut(&conn)
            .is_none_or(|holder| std::mem::replace(&mut holder.event, event) != event)
    }

    fn find(&self, conn: ConnId, path: &str) -> Option<(SpotId, usize)> {
        let id = self.spot_id(path)?;
        let place = self.holders.get(&conn)?.places.get(&id)?;
        Some((id, *place))
    }

    fn remove_at(&mut self, id: SpotId, place: usize, kinds: Kinds) -> Kinds {
        let watcher = &mut self.spots[id].watchers[place];
        let Watcher { conn, kinds: held } = *watcher;
        let removed = held.common(kinds);
        watcher.kinds = held.without(kinds);
        let is_last = watcher.kinds.is_empty();
        if let Some(holder) = self.holders.get_mut(&conn) {
            holder.count -= removed.len();
            holder.recursive -= removed.recursive();
            if is_last {
                holder.places.remove(&id);
                if holder.places.is_empty() {
                    self.holders.remove(&conn);
                }
            }
        }
        if is_last {
            self.unhook(id, place);
        }
        removed
    }

    /// Takes a watcher off its spot; the last one takes its place.
    pub(super) fn unhook(&mut self, id: SpotId, place: usize) {
        let spot = &mut self.spots[id];
        spot.watchers.swap_remove(place);
        if let Some(moved) = spot.watchers.get(place) {
            if let Some(holder) = self.holders.get_mut(&moved.conn) {
                holder.places.insert(id, place);
            }
        } else if spot.watchers.is_empty() {
            spot.watchers = Vec::new();
            self.ids.remove(&std::mem::take(&mut spot.path));
            self.free.push(id);
        }
    }

    fn spot_of(&mut self, path: &str) -> SpotId {
        if let Some(id) = self.spot_id(path) {
            return id;
        }
        let path: Arc<str> = path.into();
        let spot = Spot {
            path: path.clone(),
            // Most paths have one watcher, and a vector's own first step is four.
            watchers: Vec::with_capacity(1),
        };
        let id = match self.free.pop() {
            Some(id) => {
                self.spots[id] = spot;
                id
            }
            None => {
                self.spots.push(spot);
                self.spots.len() - 1
            }
        };
        self.ids.insert(path, id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_watches_takes_no_room() {
        let (conn, kinds) = (ConnId(1), Kinds::RECURSIVE);
        let mut table = Table::default();
        for number in 0..100 {
            let path = format!("/{number}");
            table.add(conn, &path, kinds);
            assert_eq!(table.remove(conn, &path, kinds), kinds);
        }
        assert_eq!((table.spots.len(), table.free.len()), (1, 1));
        assert!(table.ids.is_empty() && table.holders.is_empty());
    }
}
