//! Who may connect, and who has to give way.

use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    sync::Arc,
};
use tokio::sync::Notify;

/// How many connections there may be; zero is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) per_address: usize,
    pub(super) in_all: usize,
    /// Of those that have not said yet who they are.
    pub(super) silent: usize,
}

/// Counts connections. One that has not said who it is has to give way to a new one where a bound
/// is reached; only where there is none such is the new one refused.
#[derive(Debug)]
pub(super) struct Admission {
    bounds: Bounds,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    open: usize,
    addresses: HashMap<IpAddr, Address>,
    silent: BTreeMap<u64, Silent>,
}

#[derive(Debug, Default)]
struct Address {
    open: usize,
    silent: BTreeSet<u64>,
}

#[derive(Debug)]
struct Silent {
    ip: IpAddr,
    give_way: Arc<Notify>,
}

/// A connection's place. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct Place {
    admission: Arc<Admission>,
    id: u64,
    ip: IpAddr,
    give_way: Arc<Notify>,
    is_silent: bool,
}

/// Why a connection is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("as many connections are open from its address as may be ({0})")]
    PerAddress(usize),
    #[error("as many connections are open as may be ({0})")]
    InAll(usize),
}

// === impl Admission ===

impl Admission {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            state: Mutex::default(),
        }
    }

    /// How many connections are open.
    pub(super) fn open(&self) -> usize {
        self.state.lock().open
    }

    /// Takes a place for a connection from `ip`.
    pub(super) fn admit(self: &Arc<Self>, ip: IpAddr) -> Result<Place, Refused> {
        let mut state = self.state.lock();
        state.make_room(self.bounds, ip)?;
        let id = state.next;
        state.next += 1;
        state.open += 1;
        let address = state.addresses.entry(ip).or_default();
        address.open += 1;
        address.silent.insert(id);
        let give_way = Arc::new(Notify::new());
        let silent = Silent {
            ip,
            give_way: Arc::clone(&give_way),
        };
        state.silent.insert(id, silent);
        Ok(Place {
            admission: Arc::clone(self),
            id,
            ip,
            give_way,
            is_silent: true,
        })
    }
}

// === impl State ===

impl State {
    fn make_room(&mut self, bounds: Bounds, ip: IpAddr) -> Result<(), Refused> {
        let is_full = |count, bound| bound > 0 && count >= bound;
        let address = self.addresses.get(&ip);
        if let Some(address) = address.filter(|a| is_full(a.open, bounds.per_address)) {
            let oldest = address.silent.first().copied();
            self.evict(oldest.ok_or(Refused::PerAddress(bounds.per_address))?);
        }
        if is_full(self.open, bounds.in_all) {
            let oldest = self.silent.keys().next().copied();
            self.evict(oldest.ok_or(Refused::InAll(bounds.in_all))?);
        }
        if is_full(self.silent.len(), bounds.silent)
            && let Some(oldest) = self.silent.keys().next().copied()
        {
            self.evict(oldest);
        }
        Ok(())
    }

    fn evict(&mut self, id: u64) {
        if let Some(silent) = self.settle(id) {
            silent.give_way.notify_one();
            self.leave(silent.ip);
        }
    }

    /// The connection is no longer a silent one, if it was.
    fn settle(&mut self, id: u64) -> Option<Silent> {
        let silent = self.silent.remove(&id)?;
        if let Some(address) = self.addresses.get_mut(&silent.ip) {
            address.silent.remove(&id);
        }
        Some(silent)
    }

    fn leave(&mut self, ip: IpAddr) {
        self.open -= 1;
        if let Some(address) = self.addresses.get_mut(&ip) {
            address.open -= 1;
            if address.open == 0 {
                self.addresses.remove(&ip);
            }
        }
    }
}

// === impl Place ===

impl Place {
    /// Ends when the connection has to give way to another one.
    pub(super) async fn given_way(&self) {
        self.give_way.notified().await;
    }

    /// The connection has said who it is. False: it had to give way just before.
    pub(super) fn settle(&mut self) -> bool {
        self.is_silent = false;
        let settled = self.admission.state.lock().settle(self.id).is_some();
        if !settled {
            // Whoever it gave way to has freed its place.
            self.is_silent = true;
        }
        settled
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.admission.state.lock();
        // A silent one that is not in the table any more has given way, and its place with it.
        if !self.is_silent || state.settle(self.id).is_some() {
            state.leave(self.ip);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    fn admission(per_address: usize, in_all: usize, silent: usize) -> Arc<Admission> {
        Arc::new(Admission::new(Bounds {
            per_address,
            in_all,
            silent,
        }))
    }

    fn gave_way(place: &Place) -> bool {
        place.given_way().now_or_never().is_some()
    }

    #[test]
    fn bounds_hold_for_those_who_have_spoken() {
        let admission = admission(2, 3, 10);
        let mut places: Vec<_> = (0..2).map(|_| admission.admit(HERE).unwrap()).collect();
        assert!(places.iter_mut().all(Place::settle));
        let refused = admission.admit(HERE).unwrap_err();
        assert_eq!(refused, Refused::PerAddress(2));
        places.push(admission.admit(THERE).unwrap());
        assert!(places[2].settle());
        assert_eq!(admission.admit(THERE).unwrap_err(), Refused::InAll(3));
        places.remove(0);
        assert!(admission.admit(HERE).is_ok());
    }

    #[test]
    fn the_oldest_silent_one_gives_way() {
        let admission = admission(2, 10, 10);
        let (first, second) = (admission.admit(HERE).unwrap(), admission.admit(HERE));
        let other = admission.admit(THERE).unwrap();
        let third = admission.admit(HERE).unwrap();
        assert!(gave_way(&first) && !gave_way(second.as_ref().unwrap()) && !gave_way(&other));
        drop((first, second, third));
        assert_eq!(admission.open(), 1);
    }

    #[test]
    fn silent_ones_do_not_fill_the_house() {
        let admission = admission(0, 4, 0);
        let silent: Vec<_> = (0..10).map(|_| admission.admit(HERE).unwrap()).collect();
        assert_eq!(silent.iter().filter(|place| gave_way(place)).count(), 6);
        assert_eq!(admission.open(), 4);
        drop(silent);
        assert_eq!(admission.open(), 0);
        assert!(admission.state.lock().addresses.is_empty());
    }

    #[test]
    fn silent_ones_are_bounded_by_themselves() {
        let admission = admission(0, 0, 3);
        let silent: Vec<_> = (0..5).map(|_| admission.admit(HERE).unwrap()).collect();
        assert!(gave_way(&silent[0]) && gave_way(&silent[1]) && !gave_way(&silent[2]));
    }

    #[test]
    fn to_speak_too_late_is_no_place() {
        let admission = admission(1, 0, 0);
        let mut late = admission.admit(HERE).unwrap();
        let mut next = admission.admit(HERE).unwrap();
        assert!(!late.settle() && next.settle());
        drop(late);
        assert_eq!(admission.open(), 1);
        assert!(admission.admit(HERE).is_err());
    }
}
