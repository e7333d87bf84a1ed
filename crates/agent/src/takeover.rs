//! Another agent with the same session, as after a virtual machine was copied with its state
//! directory. ZooKeeper lets the last one have the connection, so each takes it away from the
//! other, several times a second, and neither gets anything done. Where two connect in the same
//! moment, it may serve both, and each writes the host's znode over the other's.

use dockeeper_registry::trouble::Trouble;
use dockeeper_zk_client::{Client, State};
use std::{collections::VecDeque, time::Duration};
use tokio::{sync::watch, time::Instant};

/// How many connections of one session within [`INTERVAL`] show that another process uses it. A
/// network that is merely bad does not let so many come about.
const CONNECTIONS: usize = 10;

/// The time in which they come about.
const INTERVAL: Duration = Duration::from_secs(10);

/// How often another agent has to have written the host's znode under this agent's session: once
/// is what a predecessor's last write looks like.
const TWINS: usize = 3;

/// For how long a resumed session may turn out to be another agent's: of two agents, the one that
/// came later has to give way.
const YOUNG: Duration = Duration::from_secs(60);

/// The session's last connections.
#[derive(Debug, Default)]
struct Connections {
    last: u64,
    times: VecDeque<Instant>,
}

/// Watches for another agent with the same session. Returns when this one has to give way: it has
/// resumed the session only just, and so the other one had it before.
pub(crate) async fn watch(client: &Client, is_resumed: bool, mut twins: watch::Receiver<usize>) {
    let begun = Instant::now();
    let mut state = client.state();
    let mut connections = Connections::default();
    let mut trouble = Trouble::default();
    loop {
        let number = match &*state.borrow_and_update() {
            State::Connected(connected) => Some(connected.connection),
            State::Connecting { .. } | State::Ended(_) => None,
        };
        let now = Instant::now();
        let is_contested = number.is_some_and(|number| connections.are_contested(number, now));
        if is_contested || *twins.borrow_and_update() >= TWINS {
            if is_resumed && now.duration_since(begun) < YOUNG {
                return;
            }
            if trouble.occurs(now).is_some() {
                tracing::error!(
                    "another process takes this agent's session with ZooKeeper over again and \
                     again: was the state directory copied to another host? Stop the agent there, \
                     or give it a directory of its own with --state-dir"
                );
            }
        }
        let changed = tokio::select! {
            changed = state.changed() => changed,
            Ok(()) = twins.changed() => Ok(()),
        };
        if changed.is_err() {
            // The client is gone, and with it what could be watched.
            return std::future::pending().await;
        }
    }
}

// === impl Connections ===

impl Connections {
    /// Takes the number of the connection that there is now. True when there were too many lately.
    fn are_contested(&mut self, number: u64, now: Instant) -> bool {
        // Some may have come and gone unseen.
        let new = number.saturating_sub(self.last);
        self.last = number;
        let new = usize::try_from(new).unwrap_or(CONNECTIONS).min(CONNECTIONS);
        self.times.extend(std::iter::repeat_n(now, new));
        while self.times.len() > CONNECTIONS {
            self.times.pop_front();
        }
        let first = self.times.front();
        let is_recent = first.is_some_and(|first| now.duration_since(*first) <= INTERVAL);
        self.times.len() == CONNECTIONS && is_recent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_many_connections_in_a_short_time_are_contested() {
        let start = Instant::now();
        let contested_after = |pause_ms: u64| {
            let mut connections = Connections::default();
            let number = (1..100).find(|number| {
                let now = start + Duration::from_millis(pause_ms * number);
                connections.are_contested(*number, now)
            });
            number.unwrap_or(0)
        };
        assert_eq!(contested_after(300), 10);
        assert_eq!(contested_after(2000), 0);
        let mut connections = Connections::default();
        assert!(!connections.are_contested(1, start));
        assert!(!connections.are_contested(1, start));
        assert!(
            connections.are_contested(12, start),
            "not all of them are seen"
        );
    }
}
