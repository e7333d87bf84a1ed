//! Which containers were told to stop, so that their end is no failure of a release.

use dockeeper_engine::{Container, ContainerId};
use dockeeper_hooks::signal;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// How long after its last signal a container that ends was told to: as long as anybody waits for one
/// to stop before it is killed, which is a signal of its own.
const TOLD_FOR: Duration = Duration::from_secs(10 * 60);

/// How many containers are noted. Each is forgotten with its end.
const NOTED_MAX: usize = 10_000;

const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

/// Which containers were told to stop.
#[derive(Debug, Default)]
pub(super) struct Stops(BTreeMap<ContainerId, Instant>);

// === impl Stops ===

impl Stops {
    /// Notes a signal that was sent to a container.
    pub(super) fn signal(&mut self, container: &Container, number: Option<i32>) {
        let ending = [
            Some(SIGKILL),
            Some(SIGTERM),
            signal::number(&container.stop_signal),
        ];
        // An engine that does not say is believed to stop it.
        let is_end = number.is_none() || ending.contains(&number);
        if is_end && self.0.len() < NOTED_MAX {
            self.0.insert(container.id, Instant::now());
        }
    }

    /// Whether a container that has ended was told to. Forgets it.
    pub(super) fn take(&mut self, container: &ContainerId) -> bool {
        let told = self.0.remove(container);
        told.is_some_and(|told| told.elapsed() < TOLD_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_engine::fake::Fake;

    #[tokio::test(start_paused = true)]
    async fn who_was_told_to_stop_did_not_end_by_itself() {
        let engine = Fake::new(1);
        engine.run("web-1", |container| {
            container.stop_signal = "SIGQUIT".to_owned();
        });
        let container = &engine.containers()[0];
        let mut stops = Stops::default();
        for (number, expected) in [(1, false), (15, true), (9, true), (3, true), (10, false)] {
            stops.signal(container, Some(number));
            assert_eq!(stops.take(&container.id), expected, "{number}");
            assert!(!stops.take(&container.id));
        }
        stops.signal(container, Some(15));
        tokio::time::advance(TOLD_FOR).await;
        assert!(!stops.take(&container.id));
    }
}
