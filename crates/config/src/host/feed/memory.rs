//! The releases of an app that are in memory.

use super::release::Slot;
use crate::host::cache::Incarnation;
use std::{collections::VecDeque, sync::Arc};

/// How many releases of an app stay in memory that nobody asks for: containers go from one to
/// another, and sometimes back.
const IDLE_MAX: usize = 2;

/// The releases of an app that are in memory.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Of which app of the name; `None` before that is known, and when there is none.
    incarnation: Option<Incarnation>,
    /// The one that was asked for last is the last.
    slots: VecDeque<(u64, Arc<Slot>)>,
}

// === impl Memory ===

impl Memory {
    /// Nothing but which app it is.
    pub(super) fn of(incarnation: Option<Incarnation>) -> Self {
        Self {
            incarnation,
            slots: VecDeque::new(),
        }
    }

    pub(super) fn incarnation(&self) -> Option<Incarnation> {
        self.incarnation
    }

    /// Forgets everything, if it was another app's.
    pub(super) fn belongs_to(&mut self, incarnation: Option<Incarnation>) {
        if self.incarnation != incarnation {
            *self = Self::of(incarnation);
        }
    }

    /// A release's place, which those who ask at the same time share.
    pub(super) fn slot(&mut self, release: u64) -> Arc<Slot> {
        let found = self.slots.iter().position(|(number, _)| *number == release);
        let slot = match found.and_then(|index| self.slots.remove(index)) {
            Some((_, slot)) => slot,
            None => Arc::default(),
        };
        self.slots.push_back((release, slot.clone()));
        // One that somebody is using has to stay, to be fetched once.
        let mut idle = self.slots.len();
        self.slots.retain(|(_, slot)| {
            let is_dropped = idle > IDLE_MAX && Arc::strong_count(slot) == 1;
            idle -= usize::from(is_dropped);
            !is_dropped
        });
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_stay_and_those_in_use() {
        let mut memory = Memory::of(None);
        let used = memory.slot(1);
        for release in 2..=5 {
            memory.slot(release);
        }
        memory.slot(4);
        let left: Vec<_> = memory.slots.iter().map(|(release, _)| *release).collect();
        assert_eq!(left, [1, 4], "{memory:?}");
        assert!(Arc::ptr_eq(&used, &memory.slot(1)));
    }

    #[test]
    fn an_app_that_was_made_again_has_other_releases() {
        let incarnation = |czxid| Some(Incarnation { czxid, ctime_ms: 0 });
        let mut memory = Memory::of(incarnation(1));
        let first = memory.slot(1);
        memory.belongs_to(incarnation(1));
        assert!(Arc::ptr_eq(&first, &memory.slot(1)));
        memory.belongs_to(incarnation(2));
        assert!(!Arc::ptr_eq(&first, &memory.slot(1)));
    }
}
