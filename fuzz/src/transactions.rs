use bytes::Bytes;
use dockeeper_keeper::Entry;

use super::round_trips;

/// Reads a transaction of the keeper's log.
pub fn transactions(data: &[u8]) {
    round_trips::<Entry>(Bytes::copy_from_slice(data));
}
