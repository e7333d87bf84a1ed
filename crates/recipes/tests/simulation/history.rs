//! What has happened in one simulation.

use crate::resource::{Mode, Resource};
use dockeeper_recipes::Lost;
use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};

/// All times are since the beginning of the simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tenure {
    pub(crate) who: usize,
    pub(crate) resource: Resource,
    pub(crate) mode: Mode,
    pub(crate) token: i64,
    pub(crate) session: i64,
    pub(crate) from: Duration,
    /// Until when it was told that it could be sure.
    pub(crate) sure_until: Duration,
    /// When it was given up.
    pub(crate) released_at: Option<Duration>,
    pub(crate) lost: Option<Lost>,
}

/// What the referee was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    /// Under which tenure.
    pub(crate) tenure: usize,
    pub(crate) token: i64,
    pub(crate) at: Duration,
    pub(crate) is_accepted: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Events {
    pub(crate) tenures: Vec<Tenure>,
    pub(crate) writes: Vec<Write>,
    /// How often somebody was cancelled.
    pub(crate) cancelled: usize,
    /// How long it took after the storm until everybody was served.
    pub(crate) calm: Duration,
    /// What happened otherwise, for people.
    pub(crate) notes: Vec<(Duration, String)>,
    /// What must not have happened, as seen by those who took part.
    pub(crate) violations: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct History(Arc<Mutex<Events>>);

// === impl Tenure ===

impl Tenure {
    /// When the holder has to have stopped at the latest.
    pub(crate) fn until(&self) -> Duration {
        let released_at = self.released_at.unwrap_or(Duration::MAX);
        released_at.min(self.sure_until)
    }
}

// === impl History ===

impl History {
    /// Gives the tenure's number.
    pub(crate) fn began(&self, tenure: Tenure) -> usize {
        let mut events = self.0.lock();
        events.tenures.push(tenure);
        events.tenures.len() - 1
    }

    pub(crate) fn tenure(&self, number: usize, change: impl FnOnce(&mut Tenure)) {
        change(&mut self.0.lock().tenures[number]);
    }

    pub(crate) fn wrote(&self, write: Write) {
        self.0.lock().writes.push(write);
    }

    pub(crate) fn cancelled(&self) {
        self.0.lock().cancelled += 1;
    }

    pub(crate) fn calmed(&self, after: Duration) {
        self.0.lock().calm = after;
    }

    pub(crate) fn note(&self, at: Duration, what: String) {
        self.0.lock().notes.push((at, what));
    }

    pub(crate) fn violated(&self, what: String) {
        self.0.lock().violations.push(what);
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&Events) -> T) -> T {
        read(&self.0.lock())
    }
}
