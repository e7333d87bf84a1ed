//! Snapshots: the state after a transaction, so that a start does not read the log from the
//! beginning and the log does not grow without end.
//!
//! A snapshot is a head, blocks whose content is the state's own, and a foot that says how many
//! there were. It is written under another name and gets its own when it is whole, on the disk,
//! and the log has its last transaction; until then recovery goes on with the one before.
//!
//! Two are kept, and the log since the older one: when the newest cannot be read, nothing is
//! lost.

mod format;
mod reader;
mod retention;
mod task;
mod unfinished;

pub use self::{
    reader::Unusable,
    task::{SnapshotError, SnapshotEvent, SnapshotWriter},
};

pub(super) use self::reader::read;

#[cfg(test)]
pub(super) use self::{retention::retain, unfinished::Unfinished};

use super::{Disk, disk::SharedDisk, writer::Shared};
use std::{io, sync::Arc};

/// How much log is written between two snapshots, at least: what a start reads in well under a
/// second.
const LOG_LEN_MIN: u64 = 64 * 1024 * 1024;

/// How much log is written before a snapshot that failed is tried again: by then something may
/// have changed, and it is no more than a quarter of the usual work.
const RETRY_LEN: u64 = 16 * 1024 * 1024;

/// Makes snapshots, one at a time.
#[derive(Debug)]
pub struct Snapshots {
    shared: Arc<Shared>,
    disk: SharedDisk,
}

/// What was done and is known about snapshots.
#[derive(Debug)]
pub(super) struct Schedule {
    /// How long the newest one is, in bytes.
    len: u64,
    /// How much log had been written when it was begun.
    begun_at: u64,
    /// How much log must have been written before the next one is tried.
    not_before: u64,
    is_running: bool,
}

// === impl Snapshots ===

impl Snapshots {
    pub(super) fn new(shared: Arc<Shared>, disk: Arc<dyn Disk>) -> Self {
        Self {
            shared,
            disk: SharedDisk(disk),
        }
    }

    /// Whether it is time for one: none is being written, and since the last one was begun the
    /// log has grown by more than that one's length, and by 64 MiB. So snapshots at most double
    /// what is written, and a start reads no more log than snapshot.
    pub fn is_due(&self) -> bool {
        self.shared
            .with(|state| state.snapshot.is_due(state.written))
    }

    /// Begins one of the state after a transaction, which has to be the last one that was given
    /// to the log. `notify` is called on another thread, and must not block.
    ///
    /// # Errors
    /// The thread cannot be made, or one is being written.
    pub fn begin(
        &mut self,
        zxid: i64,
        notify: impl FnMut(SnapshotEvent) + Send + 'static,
    ) -> io::Result<SnapshotWriter> {
        let begins = self.shared.with(|state| state.snapshot.begin());
        if !begins {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        let disk = Arc::clone(&self.disk.0);
        let begun = task::begin(Arc::clone(&self.shared), disk, zxid, Box::new(notify));
        if begun.is_err() {
            self.shared
                .with(|state| state.snapshot.failed(state.written));
        }
        begun
    }
}

// === impl Schedule ===

impl Schedule {
    /// The newest snapshot's length, and that the log is counted from there on.
    pub(super) fn new(len: u64) -> Self {
        Self {
            len,
            begun_at: 0,
            not_before: 0,
            is_running: false,
        }
    }

    fn is_due(&self, written: u64) -> bool {
        let grown = written - self.begun_at;
        !self.is_running && grown > LOG_LEN_MIN.max(self.len) && written >= self.not_before
    }

    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.is_running, true)
    }

    fn failed(&mut self, written: u64) {
        self.is_running = false;
        self.not_before = written + RETRY_LEN;
    }

    fn succeeded(&mut self, len: u64, begun_at: u64) {
        (self.len, self.begun_at, self.is_running) = (len, begun_at, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_due_behind_64_mib_and_its_own_length() {
        let mut schedule = Schedule::new(0);
        assert!(!schedule.is_due(LOG_LEN_MIN));
        assert!(schedule.is_due(LOG_LEN_MIN + 1));
        assert!(schedule.begin());
        assert!(!schedule.is_due(LOG_LEN_MIN + 1) && !schedule.begin());
        schedule.succeeded(3 * LOG_LEN_MIN, LOG_LEN_MIN + 1);
        assert!(!schedule.is_due(4 * LOG_LEN_MIN + 1));
        assert!(schedule.is_due(4 * LOG_LEN_MIN + 2));
    }

    #[test]
    fn a_failed_one_is_tried_again_later() {
        let mut schedule = Schedule::new(0);
        let at = LOG_LEN_MIN + 1;
        assert!(schedule.begin());
        schedule.failed(at);
        assert!(!schedule.is_due(at + RETRY_LEN - 1));
        assert!(schedule.is_due(at + RETRY_LEN));
    }
}
