//! Which checks there are, which of them are due, and what there is to tell: no I/O, no clock.

mod entry;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use self::entry::{Course, Entry};
use super::{CHECKS_MAX, Change, Error, Key, PROBES_IN_FLIGHT_MAX};
use crate::check::Check;
use crate::target::Target;
use crate::verdict::Outcome;

/// The longest random delay of a check's first probe: it spreads the checks of a restarted agent
/// without leaving a new instance out for long.
const OFFSET_MAX: Duration = Duration::from_secs(1);

/// Why each key that is queued somewhere has an entry: an entry leaves with all that is queued.
const QUEUED: &str = "a queued key has an entry";

/// Names one run of a probe; never used twice, so that a late outcome cannot be taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ProbeId(u64);

/// A probe that is to be run now.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) id: ProbeId,
    pub(super) check: Arc<Check>,
    pub(super) target: Arc<Target>,
}

/// A probe that runs.
#[derive(Debug)]
struct Flight {
    key: Key,
    started: Instant,
}

/// The checks of a monitor. Each queue holds a check at most once.
#[derive(Debug)]
pub(super) struct Roster {
    entries: HashMap<Key, Entry>,
    /// When something falls due: a probe, or the end of a time to live.
    due: BTreeSet<(Instant, Key)>,
    /// The checks whose probe is due, in turn.
    ready: VecDeque<Key>,
    /// The probes that run.
    in_flight: HashMap<ProbeId, Flight>,
    /// The checks whose verdict the owner does not know yet.
    untold: VecDeque<Key>,
    probes_started: u64,
    random: fastrand::Rng,
}

impl Roster {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            entries: HashMap::new(),
            due: BTreeSet::new(),
            ready: VecDeque::new(),
            in_flight: HashMap::new(),
            untold: VecDeque::new(),
            probes_started: 0,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Begins or replaces a check and returns the probe to cancel, if one of it is in flight.
    pub(super) fn set(
        &mut self,
        now: Instant,
        key: Key,
        check: Check,
        target: Target,
    ) -> Result<Option<ProbeId>, Error> {
        let check = check.clamped();
        match self.entries.get(&key) {
            Some(entry) if entry.check.is_same(&check) && *entry.target == target => {
                return Ok(None);
            }
            None if self.entries.len() >= CHECKS_MAX => return Err(Error::TooManyChecks { key }),
            _ => {}
        }
        let cancelled = self.remove(&key);
        let offset_max = check.interval.min(OFFSET_MAX);
        let entry = Entry::new(
            check,
            target,
            now,
            now + offset_max.mul_f64(self.random.f64()),
        );
        if let Some(due) = entry.due() {
            self.due.insert((due, Arc::clone(&key)));
        }
        self.entries.insert(Arc::clone(&key), entry);
        self.tell(&key);
        Ok(cancelled)
    }

    /// Ends a check and returns the probe to cancel, if one of it is in flight.
    pub(super) fn remove(&mut self, key: &Key) -> Option<ProbeId> {
        let entry = self.entries.remove(key)?;
        if entry.untold {
            self.untold.retain(|untold| untold != key);
        }
        match entry.course {
            Course::Ready => self.ready.retain(|ready| ready != key),
            Course::InFlight(id) => {
                self.in_flight.remove(&id);
                return Some(id);
            }
            Course::Waiting(_) | Course::Reported(_) => {
                if let Some(due) = entry.due() {
                    self.due.remove(&(due, Arc::clone(key)));
                }
            }
        }
        None
    }

    /// Takes what a service reports about itself.
    pub(super) fn report(
        &mut self,
        now: Instant,
        key: &Key,
        outcome: Outcome,
    ) -> Result<(), Error> {
        let unknown = || Error::UnknownCheck {
            key: Arc::clone(key),
        };
        let entry = self.entries.get_mut(key).ok_or_else(unknown)?;
        let Course::Reported(ttl) = &mut entry.course else {
            return Err(Error::NotTtl {
                key: Arc::clone(key),
            });
        };
        if let Some(due) = ttl.deadline() {
            self.due.remove(&(due, Arc::clone(key)));
        }
        self.due.insert((ttl.renew(now), Arc::clone(key)));
        if entry.tally.feed(outcome).is_some() {
            self.tell(key);
        }
        Ok(())
    }

    /// When [`Self::advance`] is to be called next, unless something else happens before.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Deals with all that is due by `now`.
    pub(super) fn advance(&mut self, now: Instant) {
        while self.next_due().is_some_and(|due| due <= now)
            && let Some((_, key)) = self.due.pop_first()
        {
            let entry = self.entries.get_mut(&key).expect(QUEUED);
            let changed = match &mut entry.course {
                Course::Reported(ttl) => {
                    let silence = ttl.expire(now);
                    silence.is_some_and(|reason| entry.tally.expire(reason).is_some())
                }
                course => {
                    *course = Course::Ready;
                    self.ready.push_back(Arc::clone(&key));
                    false
                }
            };
            if changed {
                self.tell(&key);
            }
        }
    }

    /// The next probe to run, while fewer than [`PROBES_IN_FLIGHT_MAX`] are in flight.
    pub(super) fn start(&mut self, now: Instant) -> Option<Due> {
        if self.in_flight.len() >= PROBES_IN_FLIGHT_MAX {
            return None;
        }
        let key = self.ready.pop_front()?;
        let entry = self.entries.get_mut(&key).expect(QUEUED);
        let id = ProbeId(self.probes_started);
        self.probes_started += 1;
        entry.course = Course::InFlight(id);
        self.in_flight.insert(id, Flight { key, started: now });
        Some(Due {
            id,
            check: Arc::clone(&entry.check),
            target: Arc::clone(&entry.target),
        })
    }

    /// Takes the outcome of a probe; one that was cancelled counts no more.
    pub(super) fn finish(&mut self, now: Instant, id: ProbeId, outcome: Outcome) {
        let Some(Flight { key, started }) = self.in_flight.remove(&id) else {
            return;
        };
        let entry = self.entries.get_mut(&key).expect(QUEUED);
        let due = now.max(started + entry.check.interval);
        entry.course = Course::Waiting(due);
        self.due.insert((due, Arc::clone(&key)));
        if entry.tally.feed(outcome).is_some() {
            self.tell(&key);
        }
    }

    /// Whether [`Self::take_change`] has anything to give.
    pub(super) fn has_change(&self) -> bool {
        !self.untold.is_empty()
    }

    /// The next verdict that the owner does not know.
    pub(super) fn take_change(&mut self) -> Option<Change> {
        let key = self.untold.pop_front()?;
        let entry = self.entries.get_mut(&key).expect(QUEUED);
        entry.untold = false;
        Some(Change {
            key,
            verdict: entry.tally.verdict().clone(),
        })
    }

    fn tell(&mut self, key: &Key) {
        let entry = self.entries.get_mut(key).expect(QUEUED);
        if !std::mem::replace(&mut entry.untold, true) {
            self.untold.push_back(Arc::clone(key));
        }
    }
}

#[cfg(test)]
mod tests;
