//! The component that runs many checks.
//!
//! [`Monitor::run`] owns the checks and the channels; a [`Handle`] sets and removes checks; the
//! owner receives each [`Change`]. What is due when and which verdict follows is decided by the
//! `roster`, without I/O and with the time handed in; around it stand the timer and the probes.
//! At rest the monitor waits on one timer, for the check that is due next.

mod error;
mod flights;
mod handle;
mod roster;

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

pub use self::error::Error;
use self::flights::Flights;
pub use self::handle::Handle;
use self::handle::Request;
use self::roster::Roster;
use crate::exec::Exec;
use crate::probe::{Prober, Tls};
use crate::verdict::Verdict;

/// The most checks of one monitor: ten times what one Docker host runs well.
pub const CHECKS_MAX: usize = 10_000;
/// The most probes at a time: a few milliseconds each let thousands pass in a second, and more at
/// once would only load the host together. The others wait for their turn in the order in which
/// they fell due.
pub const PROBES_IN_FLIGHT_MAX: usize = 64;
/// The requests that wait for the monitor; a handle waits when there are more.
const REQUESTS_QUEUED_MAX: usize = 64;
/// The changes that wait in the channel to the owner. Behind it there is at most one for each
/// check, in which later verdicts replace earlier ones.
const CHANGES_QUEUED_MAX: usize = 64;

/// What names a check; the owner chooses it, such as the id of the instance.
pub type Key = Arc<str>;

/// A new verdict on a check.
///
/// The first one after a check was set is its initial verdict. When the owner is slow, verdicts in
/// between are left out; the last one always arrives. Changes of a check that was removed may still
/// be on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The key of the check.
    pub key: Key,
    /// The verdict.
    pub verdict: Verdict,
}

/// What a monitor needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Seeds the random start of each check.
    pub seed: u64,
    /// Whom probes over TLS trust.
    pub tls: Tls,
}

/// Runs checks.
#[derive(Debug)]
pub struct Monitor<E> {
    roster: Roster,
    flights: Flights<E>,
    requests: mpsc::Receiver<Request>,
    changes: mpsc::Sender<Change>,
}

impl<E: Exec> Monitor<E> {
    /// A monitor without checks, its handle, and the changes for its owner.
    #[must_use]
    pub fn new(config: Config, exec: E) -> (Self, Handle, mpsc::Receiver<Change>) {
        let (handle, requests) = Handle::new(REQUESTS_QUEUED_MAX);
        let (changes, receiver) = mpsc::channel(CHANGES_QUEUED_MAX);
        let monitor = Self {
            roster: Roster::new(config.seed),
            flights: Flights::new(Prober::new(config.tls, exec)),
            requests,
            changes,
        };
        (monitor, handle, receiver)
    }

    /// Runs until the last handle or the receiver of the changes is dropped. Dropping the future
    /// ends all probes.
    pub async fn run(mut self) {
        // A permit to send borrows the channel while the rest of the monitor is at work.
        let changes = self.changes.clone();
        loop {
            while let Some(probe) = self.roster.start(Instant::now()) {
                self.flights.launch(probe);
            }
            let due = self.roster.next_due();
            tokio::select! {
                request = self.requests.recv() => match request {
                    Some(request) => self.answer(request),
                    None => return,
                },
                Some((id, outcome)) = self.flights.land() => {
                    self.roster.finish(Instant::now(), id, outcome);
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.roster.advance(Instant::now());
                }
                Ok(permit) = changes.reserve(), if self.roster.has_change() => {
                    if let Some(change) = self.roster.take_change() {
                        tracing::debug!(key = %change.key, verdict = %change.verdict, "new verdict");
                        permit.send(change);
                    }
                }
                () = changes.closed() => return,
            }
        }
    }

    fn answer(&mut self, request: Request) {
        let now = Instant::now();
        match request {
            Request::Set {
                key,
                check,
                target,
                reply,
            } => {
                let result = self.roster.set(now, key, check, target);
                let result = result.map(|replaced| self.cancel(replaced));
                // A caller that no longer waits has no use for the answer; so below.
                let _ = reply.send(result);
            }
            Request::Remove { key, reply } => {
                let flight = self.roster.remove(&key);
                self.cancel(flight);
                let _ = reply.send(());
            }
            Request::Report {
                key,
                outcome,
                reply,
            } => {
                let _ = reply.send(self.roster.report(now, &key, outcome));
            }
        }
    }

    fn cancel(&mut self, flight: Option<roster::ProbeId>) {
        if let Some(id) = flight {
            self.flights.cancel(id);
        }
    }
}
