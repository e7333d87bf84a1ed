//! A rollout's course from one write to the next.

mod stage;

use super::{
    Members,
    judge::{Tally, judge},
    text,
};
use dockeeper_model::config::{Admitted, ContainerRef, OnFailure, Phase, Rollout};

/// What is known of the containers.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Those that mount the app's configuration.
    pub members: &'a Members,
    /// Whether one that is not among them is gone for sure. For some time after a controller's
    /// start, or after ZooKeeper was away, hosts may still be coming back.
    pub is_settled: bool,
}

/// What is to be done beside writing the rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Publish a release with the content of this one, for [`everyone`](super::everyone).
    Rollback {
        /// The release to go back to.
        to: u64,
    },
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What to write in the rollout's place; `None` when it says all there is to say.
    pub next: Option<Rollout>,
    /// What is to be done, if anything.
    pub action: Option<Action>,
    /// When to look again even if nothing happens, in milliseconds since 1970.
    pub wake_ms: Option<i64>,
}

/// Where a rollout stands at `now_ms`, in milliseconds since 1970, and what is to be done.
pub fn step(rollout: &Rollout, view: &View<'_>, now_ms: i64) -> Outcome {
    match rollout.phase {
        Phase::Done => Outcome::default(),
        Phase::Failing | Phase::Aborting => Outcome {
            action: way_back(rollout),
            ..Outcome::default()
        },
        Phase::Rolling | Phase::AwaitingApproval | Phase::Paused => {
            Course::new(rollout, view, now_ms).run()
        }
    }
}

/// A rollout whose way back failed for a reason that does not pass. It stays as it is until a person
/// publishes another release, or orders it to be aborted, which tries the way back again.
#[must_use]
pub fn rollback_failed(rollout: &Rollout, why: &str, now_ms: i64) -> Rollout {
    let reason = format!("{}; the way back failed: {why}", rollout.reason);
    Rollout {
        is_stuck: true,
        reason,
        changed_ms: now_ms,
        ..rollout.clone()
    }
}

fn way_back(rollout: &Rollout) -> Option<Action> {
    let to = rollout.stable.filter(|_| !rollout.is_stuck)?;
    Some(Action::Rollback { to })
}

struct Course<'a> {
    view: &'a View<'a>,
    now_ms: i64,
    next: Rollout,
    tally: Tally,
    is_news: bool,
    wake_ms: Option<i64>,
}

// === impl Course ===

impl<'a> Course<'a> {
    fn new(rollout: &Rollout, view: &'a View<'a>, now_ms: i64) -> Self {
        let mut next = rollout.clone();
        let tally = judge(&mut next, view, now_ms);
        Self {
            view,
            now_ms,
            next,
            is_news: tally.is_news,
            wake_ms: tally.limit_ms,
            tally,
        }
    }

    fn run(mut self) -> Outcome {
        match self.next.phase {
            // Nothing happens without the person who paused it.
            Phase::Paused => {}
            _ if self.is_over_budget() => self.fail(),
            Phase::Rolling => self.advance(),
            _ => {}
        }
        if self.is_news && self.next.phase == Phase::Rolling {
            self.next.reason = text::rolling(&self.next, &self.tally);
        }
        Outcome {
            next: self.is_news.then_some(self.next),
            action: None,
            wake_ms: self.wake_ms,
        }
    }

    fn is_over_budget(&self) -> bool {
        let forgiven = usize::try_from(self.next.forgiven).unwrap_or(usize::MAX);
        let budget = usize::try_from(self.next.policy.failure_budget).unwrap_or(usize::MAX);
        self.next.failed().saturating_sub(forgiven) > budget
    }

    fn fail(&mut self) {
        let reason = text::failing(&self.next);
        match (self.next.policy.on_failure, self.next.stable) {
            (OnFailure::Rollback, Some(stable)) => {
                self.enter(
                    Phase::Failing,
                    format!("{reason}; back to release {stable}"),
                );
            }
            (OnFailure::Rollback, None) => {
                let why = format!("{reason}; there is no release to go back to: publish another");
                self.enter(Phase::Paused, why);
            }
            (OnFailure::Pause, _) => {
                let why = format!("{reason}; resume or abort it, or publish another release");
                self.enter(Phase::Paused, why);
            }
        }
    }

    fn advance(&mut self) {
        if !self.view.is_settled && self.misses_some() {
            return;
        }
        if self.view.members.is_empty() {
            return self.finish();
        }
        loop {
            let opened = self.opened();
            let current = opened.checked_sub(1);
            let current = current.and_then(|index| self.next.policy.stages.get(index).cloned());
            if let Some(stage) = current
                && !self.is_over(&stage)
            {
                return;
            }
            if opened >= self.next.policy.stages.len() {
                return self.finish();
            }
            if self.next.policy.approval && opened > 0 && self.next.approved <= self.next.stage {
                let why = text::awaiting(&self.next, &self.tally);
                return self.enter(Phase::AwaitingApproval, why);
            }
            self.next.stage += 1;
            self.next.changed_ms = self.now_ms;
            self.next.healthy_ms = None;
            self.is_news = true;
        }
    }

    /// How many stages have been opened.
    fn opened(&self) -> usize {
        usize::try_from(self.next.stage).unwrap_or(usize::MAX)
    }

    /// Whether containers are missing that may come back.
    fn misses_some(&self) -> bool {
        let is_there = |name: &ContainerRef| self.view.members.contains_key(name);
        self.view.members.is_empty()
            || match &self.next.admitted {
                Admitted::Everyone => false,
                Admitted::These(names) => !names.iter().all(is_there),
            }
    }

    fn finish(&mut self) {
        self.next.admitted = Admitted::Everyone;
        self.next.pending.clear();
        self.next.healthy_ms = None;
        let why = text::done(&self.next, &self.tally);
        self.enter(Phase::Done, why);
    }

    fn enter(&mut self, phase: Phase, reason: String) {
        self.next.phase = phase;
        self.next.reason = reason;
        self.next.changed_ms = self.now_ms;
        self.is_news = true;
    }

    fn wake_at(&mut self, at_ms: i64) {
        if at_ms > self.now_ms {
            self.wake_ms = Some(self.wake_ms.map_or(at_ms, |wake_ms| wake_ms.min(at_ms)));
        }
    }
}
