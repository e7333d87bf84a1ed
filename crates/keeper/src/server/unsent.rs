//! How many bytes are kept for clients that have not read what they were sent.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Those of all connections together. A clone is the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Total(Arc<AtomicUsize>);

/// Those of one connection, which count in the total as long as this lives.
#[derive(Debug)]
pub(super) struct Share {
    own: AtomicUsize,
    total: Total,
}

// === impl Total ===

impl Total {
    /// How many there are.
    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

// === impl Share ===

impl Share {
    pub(super) fn new(total: Total) -> Self {
        Self {
            own: AtomicUsize::new(0),
            total,
        }
    }

    /// How many there are.
    pub(super) fn get(&self) -> usize {
        self.own.load(Ordering::SeqCst)
    }

    pub(super) fn add(&self, len: usize) {
        self.own.fetch_add(len, Ordering::SeqCst);
        self.total.0.fetch_add(len, Ordering::Relaxed);
    }

    /// Takes away as many, or what is left: all may have been cleared meanwhile.
    pub(super) fn subtract(&self, len: usize) {
        let (set, fetch) = (Ordering::SeqCst, Ordering::SeqCst);
        let before = self
            .own
            .fetch_update(set, fetch, |own| Some(own.saturating_sub(len)));
        let before = before.unwrap_or_else(|unchanged| unchanged);
        self.total.0.fetch_sub(len.min(before), Ordering::Relaxed);
    }

    /// Takes all away.
    pub(super) fn clear(&self) {
        let all = self.own.swap(0, Ordering::SeqCst);
        self.total.0.fetch_sub(all, Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_the_sum_of_what_lives() {
        let total = Total::default();
        let (one, other) = (Share::new(total.clone()), Share::new(total.clone()));
        one.add(5);
        other.add(7);
        one.subtract(2);
        assert_eq!((one.get(), other.get(), total.get()), (3, 7, 10));
        one.clear();
        // Written after it was given up.
        one.subtract(3);
        assert_eq!((one.get(), total.get()), (0, 7));
        drop(other);
        assert_eq!(total.get(), 0);
    }
}
