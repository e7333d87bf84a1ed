//! How much of something each may have, and all together.

use parking_lot::Mutex;
use std::{collections::HashMap, hash::Hash, sync::Arc};

/// Counts what is had. Clones count together.
#[derive(Debug)]
pub(crate) struct Quota<K> {
    each_max: usize,
    all_max: usize,
    used: Arc<Mutex<Used<K>>>,
}

#[derive(Debug)]
struct Used<K> {
    each: HashMap<K, usize>,
    all: usize,
}

/// One of what is counted, until this is dropped.
#[derive(Debug)]
pub(crate) struct Permit<K: Eq + Hash> {
    key: K,
    used: Arc<Mutex<Used<K>>>,
}

/// Why there is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// This one has as much as one may have.
    Each,
    /// All together have as much as there is.
    All,
}

// === impl Quota ===

impl<K: Eq + Hash + Clone> Quota<K> {
    pub(crate) fn new(each_max: usize, all_max: usize) -> Self {
        let (each, all) = (HashMap::new(), 0);
        Self {
            each_max,
            all_max,
            used: Arc::new(Mutex::new(Used { each, all })),
        }
    }

    pub(crate) fn take(&self, key: K) -> Result<Permit<K>, Full> {
        let mut used = self.used.lock();
        let one = used.each.get(&key).copied().unwrap_or(0);
        if one >= self.each_max {
            return Err(Full::Each);
        }
        if used.all >= self.all_max {
            return Err(Full::All);
        }
        used.all += 1;
        used.each.insert(key.clone(), one + 1);
        let used = self.used.clone();
        Ok(Permit { key, used })
    }
}

// === impl Permit ===

impl<K: Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut used = self.used.lock();
        used.all -= 1;
        if let Some(count) = used.each.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                used.each.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_more_than_their_share_and_what_is_given_back_can_be_had_again() {
        let quota = Quota::new(2, 3);
        let first = quota.take('a').unwrap();
        let second = quota.take('a').unwrap();
        assert_eq!(quota.take('a').unwrap_err(), Full::Each);
        let third = quota.take('b').unwrap();
        assert_eq!(quota.take('c').unwrap_err(), Full::All);
        drop(first);
        let fourth = quota.take('c').unwrap();
        assert_eq!(quota.take('a').unwrap_err(), Full::All);
        drop((second, third, fourth));
        assert!(quota.used.lock().each.is_empty());
        assert_eq!(quota.used.lock().all, 0);
    }
}
