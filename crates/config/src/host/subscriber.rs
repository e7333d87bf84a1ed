//! One container's way from one release to the next. Does no I/O: what happens and the time go in,
//! what is to be done comes out.
//!
//! What always holds: one thing is done at a time; what fails before the container sees it changes
//! nothing for the container; what the container sees and was not told of is owed to it, through
//! failures and newer releases, until it is told of the last; a step is acknowledged only after it
//! has been done.

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use dockeeper_model::config::{Ack, Digest, Step};
use std::time::Duration;

/// How long to pause after the first trouble that passes. Each further one doubles it.
pub(super) const PAUSE_MIN: Duration = Duration::from_millis(500);

/// The longest pause. Something new to run ends it at once.
pub(super) const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// This release is to be run.
    Wanted(u64),
    /// What the release was rendered from has changed: services, values of others, secrets.
    Outdated,
    /// All of the release is on this host; it is being rendered.
    Fetched,
    /// [`Effect::Prepare`] has ended.
    Prepared(Result<Digest, Trouble>),
    /// [`Effect::Check`] has ended.
    Checked(Result<(), String>),
    /// [`Effect::Swap`] has ended.
    Swapped(Result<(), String>),
    /// [`Effect::Act`] has ended.
    Acted(Result<(), String>),
    /// [`Effect::Judge`] has ended.
    Judged(Result<(), String>),
    /// The container became well, or unwell for this reason.
    Health(Result<(), String>),
    /// Time has passed.
    Tick,
}

/// Why a release could not be prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It may work a while later, as when ZooKeeper is away.
    Passing(String),
    /// It will not work before something is changed.
    Lasting(String),
}

/// Something is to be done. Its end is told before anything else is asked for; only a judgement is
/// given up when something else is asked for meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Have this release on the host, and render it.
    Prepare(u64),
    /// Lay it down beside what the container sees, and run the container's check on it.
    Check,
    /// Let the container see it.
    Swap,
    /// Do what the container wants on a change.
    Act,
    /// Find out whether the container is well.
    Judge,
}

/// What a container sees in its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// The release.
    pub(super) release: u64,
    /// What was rendered.
    pub(super) digest: Digest,
}

/// A container's way from one release to the next.
#[derive(Clone, Debug)]
pub(super) struct Subscriber {
    name: String,
    seen: Option<Seen>,
    /// Whether the container was not told of what it sees.
    owes: bool,
    wanted: Option<u64>,
    attempt: Attempt,
    busy: Option<Effect>,
    /// Whether what was rendered may be rendered differently by now.
    is_outdated: bool,
    since_ms: i64,
}

/// How far the container has come with one release.
#[derive(Clone, Debug)]
struct Attempt {
    release: Option<u64>,
    /// What comes next; `None` when nothing does by itself.
    next: Option<Effect>,
    step: Step,
    reason: String,
    digest: Option<Digest>,
    /// Whether the failure is one of the container's health, which may come back.
    is_unwell: bool,
    /// When to go on after a trouble that passes.
    resume_ms: Option<i64>,
    troubles: u32,
}

// === impl Subscriber ===

impl Subscriber {
    /// A container that sees `seen` since it was started, or since an earlier process let it; with
    /// `owes` it was not told of it.
    pub(super) fn new(name: String, seen: Option<Seen>, owes: bool, now_ms: i64) -> Self {
        Self {
            name,
            seen,
            owes,
            wanted: None,
            attempt: Attempt::new(None),
            busy: None,
            is_outdated: false,
            since_ms: now_ms,
        }
    }

    /// What the container sees.
    pub(super) fn seen(&self) -> Option<Seen> {
        self.seen
    }

    /// Whether the container is still to be told of what it sees.
    #[cfg(test)]
    fn owes(&self) -> bool {
        self.owes
    }

    /// When [`Input::Tick`] has something to do, in milliseconds since 1970.
    pub(super) fn deadline_ms(&self) -> Option<i64> {
        self.attempt.resume_ms.filter(|_| self.busy.is_none())
    }

    /// What readers are told; `None` before it is known what the container is to run.
    pub(super) fn ack(&self) -> Option<Ack> {
        let target = self.wanted?;
        let is_begun = self.attempt.release == self.wanted;
        Some(Ack {
            name: self.name.clone(),
            running: self.seen.map(|seen| seen.release),
            digest: self.seen.map(|seen| seen.digest),
            target,
            step: if is_begun {
                self.attempt.step
            } else {
                Step::Waiting
            },
            reason: if is_begun {
                self.attempt.reason.clone()
            } else {
                String::new()
            },
            since_ms: self.since_ms,
        })
    }

    /// Takes what happened, and says what is to be done.
    pub(super) fn handle(&mut self, now_ms: i64, input: Input) -> Option<Effect> {
        let before = self.standing();
        match input {
            Input::Wanted(release) => self.want(release),
            Input::Outdated => self.is_outdated = true,
            Input::Fetched if self.is_current() => self.attempt.reach(Step::Fetched),
            Input::Fetched | Input::Tick => {}
            Input::Prepared(result) => self.prepared(now_ms, result),
            Input::Checked(result) => self.checked(result),
            Input::Swapped(result) => self.swapped(result),
            Input::Acted(result) => self.acted(result),
            Input::Judged(result) => self.judged(result),
            Input::Health(result) => self.health(result),
        }
        let effect = self.begin(now_ms);
        if self.standing() != before {
            self.since_ms = now_ms;
        }
        effect
    }

    /// A judgement of what is not wanted any more is not waited for.
    fn want(&mut self, release: u64) {
        self.wanted = Some(release);
        if self.busy == Some(Effect::Judge) && self.attempt.release != self.wanted {
            self.busy = None;
        }
    }

    /// What readers see change.
    fn standing(&self) -> Option<(u64, Step, String)> {
        self.ack().map(|ack| (ack.target, ack.step, ack.reason))
    }

    /// Whether what is being done is still wanted.
    fn is_current(&self) -> bool {
        self.attempt.release == self.wanted && !self.is_outdated
    }

    /// Begins what comes next, unless something is being done.
    fn begin(&mut self, now_ms: i64) -> Option<Effect> {
        if self.busy.is_some() || self.wanted.is_none() {
            return None;
        }
        if self.attempt.release != self.wanted {
            self.attempt = Attempt::new(self.wanted);
            self.is_outdated = false;
        } else if std::mem::take(&mut self.is_outdated) {
            self.attempt.repeat();
        }
        if self.attempt.resume_ms.is_some_and(|at| now_ms < at) {
            return None;
        }
        self.attempt.resume_ms = None;
        self.busy = self.attempt.next;
        self.busy
    }

    fn prepared(&mut self, now_ms: i64, result: Result<Digest, Trouble>) {
        self.busy = None;
        let (true, Some(release)) = (self.is_current(), self.attempt.release) else {
            return;
        };
        let digest = match result {
            Ok(digest) => digest,
            Err(Trouble::Passing(why)) => return self.attempt.pause(now_ms, why),
            Err(Trouble::Lasting(why)) => return self.attempt.fail(why),
        };
        self.attempt.troubles = 0;
        self.attempt.digest = Some(digest);
        match &mut self.seen {
            Some(seen) if seen.digest == digest => {
                seen.release = release;
                self.attempt.reach(Step::Swapped);
                self.go_on_from_swap();
            }
            _ => {
                self.attempt.reach(Step::Rendered);
                self.attempt.next = Some(Effect::Check);
            }
        }
    }

    fn checked(&mut self, result: Result<(), String>) {
        self.busy = None;
        if !self.is_current() {
            return;
        }
        match result {
            Ok(()) => {
                self.attempt.reach(Step::Checked);
                self.attempt.next = Some(Effect::Swap);
            }
            Err(why) => self.attempt.fail(why),
        }
    }

    /// Counts whatever is wanted by now: the container sees it.
    fn swapped(&mut self, result: Result<(), String>) {
        self.busy = None;
        let (Some(release), Some(digest)) = (self.attempt.release, self.attempt.digest) else {
            return;
        };
        match result {
            Ok(()) => {
                self.seen = Some(Seen { release, digest });
                self.owes = true;
                self.attempt.step = Step::Swapped;
                self.attempt.is_unwell = false;
                self.attempt.reason.clear();
                self.go_on_from_swap();
            }
            Err(why) => self.attempt.fail(why),
        }
    }

    fn go_on_from_swap(&mut self) {
        self.attempt.next = match self.attempt.step {
            _ if self.owes => Some(Effect::Act),
            Step::Healthy => None,
            _ => Some(Effect::Judge),
        };
    }

    /// Counts whatever is wanted by now: the container knows.
    fn acted(&mut self, result: Result<(), String>) {
        self.busy = None;
        match result {
            Ok(()) => {
                self.owes = false;
                self.attempt.reach(Step::Acted);
                self.attempt.next = Some(Effect::Judge);
            }
            Err(why) => self.attempt.fail(why),
        }
    }

    fn judged(&mut self, result: Result<(), String>) {
        self.busy = None;
        match result {
            Ok(()) => {
                self.attempt.reach(Step::Healthy);
                self.attempt.next = None;
            }
            Err(why) => self.attempt.fall_ill(why),
        }
    }

    /// While something is being done, what is done next will show.
    fn health(&mut self, result: Result<(), String>) {
        if self.busy.is_some() || !self.is_current() {
            return;
        }
        match result {
            Ok(()) if self.attempt.is_unwell => {
                self.attempt.is_unwell = false;
                self.attempt.step = Step::Healthy;
                self.attempt.reason.clear();
            }
            Err(why) if self.attempt.step == Step::Healthy => self.attempt.fall_ill(why),
            Ok(()) | Err(_) => {}
        }
    }
}

// === impl Attempt ===

impl Attempt {
    fn new(release: Option<u64>) -> Self {
        Self {
            release,
            next: release.map(Effect::Prepare),
            step: Step::Waiting,
            reason: String::new(),
            digest: None,
            is_unwell: false,
            resume_ms: None,
            troubles: 0,
        }
    }

    /// Once more from the beginning. What the container has reached with what it sees stays said
    /// until something else is true.
    fn repeat(&mut self) {
        self.next = self.release.map(Effect::Prepare);
        self.resume_ms = None;
        if self.step == Step::Failed && !self.is_unwell {
            self.step = Step::Waiting;
        }
    }

    /// A step is a step forwards: only a swap begins anew.
    fn reach(&mut self, step: Step) {
        if self.step == Step::Failed && self.is_unwell && step < Step::Healthy {
            return;
        }
        self.step = match self.step {
            Step::Failed => step,
            reached => reached.max(step),
        };
        self.is_unwell = false;
        self.reason.clear();
    }

    fn pause(&mut self, now_ms: i64, why: String) {
        let doubled = PAUSE_MIN.saturating_mul(2_u32.saturating_pow(self.troubles));
        let pause = doubled.min(PAUSE_MAX).as_millis();
        self.resume_ms = Some(now_ms.saturating_add(i64::try_from(pause).unwrap_or(i64::MAX)));
        self.troubles = self.troubles.saturating_add(1);
        self.reason = why;
    }

    fn fail(&mut self, why: String) {
        self.step = Step::Failed;
        self.is_unwell = false;
        self.reason = why;
        self.next = None;
    }

    fn fall_ill(&mut self, why: String) {
        self.fail(why);
        self.is_unwell = true;
    }
}
