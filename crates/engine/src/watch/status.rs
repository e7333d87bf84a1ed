use tokio::time::Instant;

use super::Reason;

/// The state of the connection to an engine.
#[derive(Clone, Debug)]
pub struct Status {
    /// Whether there is one.
    pub link: Link,
    /// Since when that is so.
    pub since: Instant,
    /// Why there is none, or why the last one was lost; `None` when none ever was.
    pub last_error: Option<Reason>,
    /// How often a connection was lost since the watch began.
    pub losses: u64,
}

/// Whether an engine's events arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// There has been no connection yet.
    Connecting,
    /// They arrive.
    Up,
    /// They did, and the engine cannot be reached now.
    Down,
}

impl Status {
    /// Before the first connection.
    pub(super) fn connecting() -> Self {
        Self {
            link: Link::Connecting,
            since: Instant::now(),
            last_error: None,
            losses: 0,
        }
    }

    pub(super) fn up(&mut self) {
        self.link = Link::Up;
        self.since = Instant::now();
    }

    pub(super) fn down(&mut self, reason: Reason) {
        self.link = Link::Down;
        self.since = Instant::now();
        self.losses += 1;
        self.last_error = Some(reason);
    }

    /// An attempt to connect failed; there was no connection before it.
    pub(super) fn still_down(&mut self, reason: Reason) {
        self.last_error = Some(reason);
    }
}
