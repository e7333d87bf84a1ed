//! The numbers of sessions, made as Apache's `SessionTrackerImpl` makes its first one.

/// The bits below the server's number.
const COUNTER_BITS: u32 = 56;

/// The bits below the time: as many sessions can begin in a millisecond before the numbers run
/// ahead of the time.
const MILLISECOND_BITS: u32 = 16;

/// The part of a number below the server's.
const COUNTER: u64 = (1 << COUNTER_BITS) - 1;

/// Numbers for sessions: the server's number in the first byte, five bytes of the time in
/// milliseconds, two bytes to count in.
///
/// No number is given twice, as long as each one that was is [noted](Self::note) again after a
/// restart, at least the last one. The time is only what keeps numbers apart when those of the past
/// are lost; five bytes of it come round after 34 years, so numbers are compared on a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionIds {
    server: u8,
    /// The counter of the last number given.
    last: Option<u64>,
}

// === impl SessionIds ===

impl SessionIds {
    /// Numbers for the server of this number. Apache gives its standalone server 1 here.
    pub fn new(server: u8) -> Self {
        Self { server, last: None }
    }

    /// A number that was given before, in whatever order: all later ones are behind it. Another
    /// server's are ignored.
    pub fn note(&mut self, id: i64) {
        let bits = id.cast_unsigned();
        if bits >> COUNTER_BITS != u64::from(self.server) {
            return;
        }
        let counter = bits & COUNTER;
        if self.last.is_none_or(|last| is_behind(counter, last)) {
            self.last = Some(counter);
        }
    }

    /// A new number, at so many milliseconds since 1970. Never zero, which stands for no session,
    /// nor the smallest number, which Apache keeps for containers.
    pub fn next(&mut self, wall_ms: i64) -> i64 {
        let time = (wall_ms.cast_unsigned() << MILLISECOND_BITS) & COUNTER;
        let mut counter = match self.last {
            Some(last) if !is_behind(time, last) => (last + 1) & COUNTER,
            _ => time,
        };
        if counter == 0 {
            counter = 1;
        }
        self.last = Some(counter);
        ((u64::from(self.server) << COUNTER_BITS) | counter).cast_signed()
    }

    /// The last number that was given or noted: what a snapshot has to keep when the session
    /// itself is over.
    pub fn last(&self) -> Option<i64> {
        let counter = self.last?;
        Some(((u64::from(self.server) << COUNTER_BITS) | counter).cast_signed())
    }
}

/// Whether a counter comes behind another one: on the circle, within its half.
fn is_behind(counter: u64, other: u64) -> bool {
    let distance = counter.wrapping_sub(other) & COUNTER;
    distance != 0 && distance <= COUNTER / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::collections::HashSet;

    #[test]
    fn looks_like_apaches() {
        let mut ids = SessionIds::new(1);
        let id = ids.next(0x0000_00ae_9b96);
        assert_eq!(id, 0x0100_00ae_9b96_0000);
        assert_eq!(ids.next(0x0000_00ae_9b96), id + 1);
        assert_eq!(ids.last(), Some(id + 1));
        assert_eq!(SessionIds::new(0).next(0), 1);
        assert_eq!(SessionIds::new(0x80).next(0), i64::MIN + 1);
    }

    #[test]
    fn never_falls_behind_what_was_noted() {
        let noted = SessionIds::new(3).next(2_000_000);
        let mut ids = SessionIds::new(3);
        ids.note(noted);
        ids.note(noted - 70_000);
        assert_eq!(ids.next(1_000), noted + 1, "the clock was set back");
        assert!(ids.next(2_000_001) > noted + 1);
        let mut other = SessionIds::new(4);
        other.note(noted);
        assert_eq!(other.last(), None);
    }

    #[test]
    fn goes_on_when_the_time_comes_round() {
        let end = (1 << 40) - 1;
        let mut ids = SessionIds::new(1);
        let last = ids.next(end);
        assert_eq!(last, 0x01ff_ffff_ffff_0000);
        let first = ids.next(end + 2);
        assert_eq!(first, 0x0100_0000_0001_0000);
        let mut restarted = SessionIds::new(1);
        restarted.note(first);
        restarted.note(last);
        assert_eq!(restarted.last(), Some(first));
    }

    proptest! {
        /// Whatever the clock does, and with a restart before each step that is even.
        #[test]
        fn no_number_twice(times in vec(0..1_000_000i64, 1..200)) {
            let mut ids = SessionIds::new(1);
            let mut seen = HashSet::new();
            for time in times {
                if time % 2 == 0 {
                    let last = ids.last();
                    ids = SessionIds::new(1);
                    last.into_iter().for_each(|last| ids.note(last));
                }
                prop_assert!(seen.insert(ids.next(time)));
            }
        }
    }
}
