use crate::output;
use std::time::Duration;
use tokio::time::Instant;

/// How often a person is told how far it is.
const INTERVAL: Duration = Duration::from_secs(2);

/// Tells on the standard error, now and then, how far something long has come.
#[derive(Debug)]
pub(crate) struct Progress {
    what: &'static str,
    begin: Instant,
    told: Instant,
}

// === impl Progress ===

impl Progress {
    pub(crate) fn new(what: &'static str) -> Self {
        let now = Instant::now();
        Self {
            what,
            begin: now,
            told: now,
        }
    }

    pub(crate) fn tell(&mut self, count: u64) {
        let now = Instant::now();
        if now - self.told >= INTERVAL {
            self.told = now;
            let seconds = (now - self.begin).as_secs();
            output::note(&format!("{}: {count} znodes in {seconds} s", self.what));
        }
    }
}
