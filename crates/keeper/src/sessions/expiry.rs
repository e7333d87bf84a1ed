//! When sessions end: buckets of one tick each, as in Apache's `ExpiryQueue`.
//!
//! A session that is heard of twice in a tick stays where it is. There are no more buckets than a
//! time-out has ticks, so finding one is quick.

use std::{collections::BTreeMap, time::Duration};

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The tick at whose beginning it ends.
    tick: u64,
    /// Which of the bucket's it is.
    index: usize,
}

/// Sessions by the tick in which they end.
#[derive(Debug)]
pub(super) struct Expiry {
    tick: Duration,
    buckets: BTreeMap<u64, Vec<i64>>,
}

// === impl Expiry ===

impl Expiry {
    pub(super) fn new(tick: Duration) -> Self {
        Self {
            // A tick of nothing would divide by zero.
            tick: tick.max(Duration::from_millis(1)),
            buckets: BTreeMap::new(),
        }
    }

    /// Puts a session where it ends if it is heard of at `now` for the last time.
    pub(super) fn put(&mut self, id: i64, now: Duration, timeout_ms: i32) -> Place {
        let tick = self.end(now, timeout_ms);
        let bucket = self.buckets.entry(tick).or_default();
        bucket.push(id);
        Place {
            tick,
            index: bucket.len() - 1,
        }
    }

    /// Whether [`put`](Self::put) would put a session into the bucket where it is.
    pub(super) fn is_at(&self, place: Place, now: Duration, timeout_ms: i32) -> bool {
        place.tick == self.end(now, timeout_ms)
    }

    /// Takes a session out. If another one stands in its place now, that one is given back.
    pub(super) fn take(&mut self, place: Place) -> Option<i64> {
        let bucket = self.buckets.get_mut(&place.tick)?;
        bucket.swap_remove(place.index);
        if bucket.is_empty() {
            self.buckets.remove(&place.tick);
            return None;
        }
        bucket.get(place.index).copied()
    }

    pub(super) fn due(&self, now: Duration) -> Vec<i64> {
        let over = self.buckets.range(..=self.ticks(now));
        over.flat_map(|(_, bucket)| bucket).copied().collect()
    }

    pub(super) fn buckets(&self) -> impl Iterator<Item = (Duration, &[i64])> {
        let buckets = self.buckets.iter();
        buckets.map(|(tick, bucket)| (self.start_of(*tick), bucket.as_slice()))
    }

    /// When a session ends that stands there.
    pub(super) fn time_of(&self, place: Place) -> Duration {
        self.start_of(place.tick)
    }

    fn start_of(&self, tick: u64) -> Duration {
        let ticks = u32::try_from(tick).unwrap_or(u32::MAX);
        self.tick.saturating_mul(ticks)
    }

    /// The tick after the one in which the time-out is over: always later, by at most a tick.
    fn end(&self, now: Duration, timeout_ms: i32) -> u64 {
        let timeout = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
        self.ticks(now.saturating_add(timeout)) + 1
    }

    fn ticks(&self, time: Duration) -> u64 {
        u64::try_from(time.as_nanos() / self.tick.as_nanos()).unwrap_or(u64::MAX - 1)
    }
}
