//! A container's stop: from the signal that begins it until the container has ended, or has turned
//! out to run on.

use dockeeper_engine::Container;
use dockeeper_hooks::signal;
use std::time::Duration;
use tokio::time::Instant;

/// Ends a process whatever it does.
const SIGKILL: i32 = 9;

/// A moment, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    /// For how long something lasts: nobody sets this clock.
    pub(super) at: Instant,
    /// For what people and other processes read, in milliseconds since 1970.
    pub(super) wall_ms: i64,
}

/// A signal that was sent to a container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signalled {
    pub(super) signal: Option<i32>,
    /// When it was sent, in milliseconds since 1970 by the engine's clock.
    pub(super) sent_ms: i64,
    pub(super) heard: Now,
    /// Whether the engine may have repeated it: it may be long past, or of an earlier run.
    pub(super) is_late: bool,
}

/// A container was told to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopping {
    pub(super) since_ms: i64,
    /// Which of the container's runs is to end.
    pub(super) started_at_ms: i64,
    /// From when on this process has waited for the end, and for how long it does.
    waiting_since: Instant,
    hold: Duration,
    /// The hold is over: what Docker says next of the container decides.
    is_doubted: bool,
}

// === impl Stopping ===

impl Stopping {
    /// A stop that began at `since_ms`, and of which this process knows from `now` on.
    pub(super) fn since(since_ms: i64, started_at_ms: i64, now: Now, hold: Duration) -> Self {
        let age_ms = u64::try_from(now.wall_ms.saturating_sub(since_ms)).unwrap_or(0);
        Self {
            since_ms,
            started_at_ms,
            waiting_since: now.at,
            hold: hold.saturating_sub(Duration::from_millis(age_ms)),
            is_doubted: false,
        }
    }

    /// The stop that a signal begins, if it does. One that is under way is held for longer.
    pub(super) fn begun(
        container: &Container,
        before: Option<Self>,
        signalled: Signalled,
        hold: Duration,
    ) -> Option<Self> {
        let Signalled { heard, sent_ms, .. } = signalled;
        let started_at_ms = container.started_at_ms;
        if !is_stop(signalled.signal, &container.stop_signal) {
            return before;
        }
        let begun = if signalled.is_late {
            let begun = Self::since(sent_ms, started_at_ms, heard, hold);
            if sent_ms < started_at_ms || begun.is_over(heard.at) {
                return before;
            }
            begun
        } else {
            Self::since(heard.wall_ms, started_at_ms, heard, hold)
        };
        Some(Self {
            since_ms: before.map_or(begun.since_ms, |before| before.since_ms),
            ..begun
        })
    }

    /// Doubts a stop whose hold is over; true when it was not doubted before, and Docker is to be
    /// asked.
    pub(super) fn doubt(&mut self, now: Instant) -> bool {
        let is_new = !self.is_doubted && self.is_over(now);
        self.is_doubted |= is_new;
        is_new
    }

    /// Whether it goes on, by what Docker says of the container now.
    pub(super) fn goes_on(&self, container: &Container) -> bool {
        self.started_at_ms == container.started_at_ms && !self.is_doubted
    }

    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.waiting_since) >= self.hold
    }
}

/// Whether a signal that was sent to a container begins its stop.
fn is_stop(signal: Option<i32>, stop_signal: &str) -> bool {
    match signal {
        Some(SIGKILL) => true,
        Some(signal) => signal::number(stop_signal).is_some_and(|stop| stop == signal),
        // An engine that does not say: an instance too few for a while is the lesser harm.
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_stop_signal_and_sigkill_begin_a_stop() {
        for (signal, stop_signal, expected) in [
            (Some(15), "SIGTERM", true),
            (Some(15), "TERM", true),
            (Some(15), "15", true),
            (Some(1), "SIGTERM", false),
            (Some(9), "SIGQUIT", true),
            (Some(15), "SIGQUIT", false),
            (Some(3), "SIGQUIT", true),
            (Some(37), "SIGRTMIN+3", true),
            (Some(34), "RTMIN", true),
            (Some(15), "nonsense", false),
            (None, "SIGTERM", true),
        ] {
            assert_eq!(
                is_stop(signal, stop_signal),
                expected,
                "{signal:?} {stop_signal}"
            );
        }
    }
}
