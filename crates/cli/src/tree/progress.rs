use crate::output::{self, duration};
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
            output::note(&told(self.what, count, now - self.begin));
        }
    }
}

fn told(what: &str, count: u64, since: Duration) -> String {
    let whole_seconds = Duration::from_secs(since.as_secs());
    let since = duration::long(whole_seconds);
    format!("{what}: {count} znodes in {since}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_copy_is_told_in_days() {
        let since = Duration::from_millis(93_784_500);
        let line = "copying: 7 znodes in 1d2h3m4s";
        assert_eq!(told("copying", 7, since), line);
    }
}
