//! The commands that have not ended, so that none is started a second time meanwhile: a check
//! whose command hangs would fill its container with processes.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::{ContainerId, Error};

type Key = (ContainerId, Vec<String>);

/// The commands that have not ended, with the time at which each began.
#[derive(Clone, Debug, Default)]
pub(in crate::docker) struct Unfinished(Arc<Mutex<HashMap<Key, Instant>>>);

/// A command that runs, until this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    all: Unfinished,
    key: Key,
}

// === impl Unfinished ===

impl Unfinished {
    /// Notes that a command begins.
    ///
    /// # Errors
    ///
    /// [`Error::ExecUnfinished`] while the same one still runs.
    pub(super) fn begin(&self, container: ContainerId, command: &[String]) -> Result<Slot, Error> {
        let key = (container, command.to_vec());
        let mut running = self.0.lock();
        if let Some(since) = running.get(&key) {
            return Err(Error::ExecUnfinished {
                container,
                command: command.first().cloned().unwrap_or_default(),
                lasts: since.elapsed(),
            });
        }
        running.insert(key.clone(), Instant::now());
        Ok(Slot {
            all: self.clone(),
            key,
        })
    }
}

// === impl Slot ===

impl Drop for Slot {
    fn drop(&mut self) {
        self.all.0.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_runs_once_at_a_time() {
        let unfinished = Unfinished::default();
        let container = ContainerId::from_bytes([7; 32]);
        let begin = |word: &str| unfinished.begin(container, &[word.to_owned()]);
        let first = begin("a").unwrap();
        let _other = begin("b").unwrap();
        assert!(matches!(begin("a"), Err(Error::ExecUnfinished { .. })));
        drop(first);
        begin("a").unwrap();
    }
}
