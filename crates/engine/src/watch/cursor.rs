use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::{Event, Since};

/// How many events an engine remembers. It can repeat no more than these.
const HISTORY: usize = 256;

/// Where a reader stands in an engine's events, across connections.
///
/// The engine repeats events from a time on, that nanosecond included, and times are not unique.
/// So the cursor remembers the last events as well. It follows the order of arrival instead of the
/// largest time, because a clock that is set back would otherwise hide all that follows.
#[derive(Debug)]
pub(super) struct Cursor {
    since: Since,
    seen: VecDeque<u64>,
}

impl Cursor {
    /// A reader that wants events from `since` on.
    pub(super) fn new(since: Since) -> Self {
        Self {
            since,
            seen: VecDeque::new(),
        }
    }

    /// From when on to ask the engine for events.
    pub(super) fn since(&self) -> Since {
        self.since
    }

    /// Takes note of an event; false when it has been seen before.
    pub(super) fn admit(&mut self, event: &Event) -> bool {
        let fingerprint = fingerprint(event);
        if self.seen.contains(&fingerprint) {
            return false;
        }
        if self.seen.len() == HISTORY {
            self.seen.pop_front();
        }
        self.seen.push_back(fingerprint);
        self.since = Since::Time(event.time_ns);
        true
    }
}

/// Stands for an event in a fortieth of its size. That one of the last 256 has the fingerprint of
/// another happens once in 2^56 events.
fn fingerprint(event: &Event) -> u64 {
    let mut hasher = DefaultHasher::new();
    event.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, ContainerId};
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// What an engine does with `since`: it goes back through its last events, and stops at the
    /// first that is older.
    fn replay(log: &[Event], since: Since) -> &[Event] {
        let Since::Time(since_ns) = since else {
            return &[];
        };
        let recent = &log[log.len().saturating_sub(HISTORY)..];
        let older = recent.iter().rposition(|event| event.time_ns < since_ns);
        &recent[older.map_or(0, |older| older + 1)..]
    }

    fn log(steps: &[i64]) -> Vec<Event> {
        let mut time_ns = 1_000_000;
        let mut event = |(container, step): (usize, &i64)| {
            time_ns += step;
            let mut id = [0; 32];
            id[..8].copy_from_slice(&container.to_be_bytes());
            Event {
                id: ContainerId::from_bytes(id),
                action: Action::Start,
                time_ns,
            }
        };
        steps.iter().enumerate().map(&mut event).collect()
    }

    /// Reads a log over several connections: of each, how many events arrive over it, and how many
    /// happen before the next.
    fn read(log: &[Event], connections: &[(usize, usize)]) -> Vec<Event> {
        let mut cursor = Cursor::new(Since::NOW);
        let mut read = Vec::new();
        let mut happened = 0;
        for (live, missed) in connections {
            let arrived = log.len().min(happened + live);
            let repeated = replay(&log[..happened], cursor.since());
            let stream = repeated.iter().chain(&log[happened..arrived]);
            read.extend(stream.filter(|event| cursor.admit(event)).cloned());
            happened = log.len().min(arrived + missed);
        }
        read.extend(
            replay(&log[..happened], cursor.since())
                .iter()
                .filter(|e| cursor.admit(e))
                .cloned(),
        );
        read
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_repeated_within_the_engines_memory(
            steps in vec(0..3_i64, 0..2000),
            connections in vec((1..400_usize, 0..200_usize), 1..9),
        ) {
            let log = log(&steps);
            let happened: usize = connections.iter().map(|(live, missed)| live + missed).sum();
            prop_assert_eq!(read(&log, &connections), &log[..log.len().min(happened)]);
        }

        #[test]
        fn nothing_is_repeated_whatever_the_clock_does(
            steps in vec(-2..3_i64, 0..2000),
            connections in vec((0..400_usize, 0..400_usize), 1..9),
        ) {
            let mut read = read(&log(&steps), &connections);
            let all = read.len();
            read.sort_by_key(|event| event.id);
            read.dedup();
            prop_assert_eq!(read.len(), all);
        }
    }
}
