use hashbrown::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// One connection. A number stands for one connection only, as long as the process lives, so that
/// what is late for an old connection never reaches a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// Something for each connection.
pub(crate) type ConnMap<T> = NumberMap<ConnId, T>;

/// Something for each of the numbers that this process gives out.
pub(crate) type NumberMap<K, T> = HashMap<K, T, BuildHasherDefault<Numbers>>;

/// A hash for numbers that this process gives out one after another, so nobody can choose them.
#[derive(Debug, Default)]
pub(crate) struct Numbers(u64);

// === impl Numbers ===

impl Hasher for Numbers {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        // Fibonacci hashing: neighbours differ in the upper bits, which the table looks at first.
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
