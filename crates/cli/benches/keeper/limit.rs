//! What no server can be better than.

use crate::latency::Latency;
use std::io::{Seek, Write};

/// Bytes that a small set takes in a log, about.
const RECORD_LEN: usize = 300;

/// Room for all writes of a measurement, so that the file does not grow in it.
const FILE_LEN: usize = 1 << 20;

/// How long it takes to append a small record to a file and have it on the disk, one after
/// another.
pub(crate) fn of_the_disk() -> String {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&vec![0; FILE_LEN]).unwrap();
    file.sync_all().unwrap();
    file.rewind().unwrap();
    let record = [b'x'; RECORD_LEN];
    let latency = Latency::sample(|| {
        file.write_all(&record).unwrap();
        file.sync_data().unwrap();
    });
    format!("the disk's own limit: {RECORD_LEN} B written and synced, p50 / p99 µs: {latency}")
}
