//! The thread that takes space for the next segment.

use super::shared::Shared;
use crate::storage::{
    Disk,
    log::{Log, Spare},
};
use std::{sync::Arc, time::Duration};

/// How often it is tried again with a full disk: soon enough that nobody waits for long when
/// space was freed, seldom enough to cost nothing.
const RETRY: Duration = Duration::from_secs(1);

pub(super) struct Task {
    shared: Arc<Shared>,
    disk: Arc<dyn Disk>,
    segment_len: u64,
}

// === impl Task ===

impl Task {
    pub(super) fn new(shared: Arc<Shared>, log: &Log) -> Self {
        Self {
            shared,
            disk: Arc::clone(log.disk()),
            segment_len: log.sizes().segment_len,
        }
    }

    pub(super) fn run(self) {
        let mut pause = None;
        while self.shared.wait_wanted(pause) {
            let spare = Spare::make(&*self.disk, self.segment_len);
            pause = spare.is_err().then_some(RETRY);
            self.shared.reserved(spare);
        }
    }
}
