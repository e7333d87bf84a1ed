//! Rise and fall: how many outcomes in a row change a verdict.
//!
//! The rule is that of HAProxy's `rise` and `fall` and of Consul's `success_before_passing` and
//! `failures_before_critical` (whose counts are one less).

use crate::check::Check;
use crate::reason::Reason;
use crate::verdict::{Outcome, Verdict};

/// Draws verdicts from outcomes.
#[derive(Clone, Debug)]
pub struct Tally {
    rise: u32,
    fall: u32,
    verdict: Verdict,
    /// Whether an outcome stands behind the verdict, rather than only the check's initial one.
    proven: bool,
    /// Outcomes in a row that speak against the verdict, or for one that is not proven.
    streak: u32,
    streak_passes: bool,
}

impl Tally {
    /// The tally of a check that has no outcome yet.
    #[must_use]
    pub fn new(check: &Check) -> Self {
        Self {
            rise: check.rise,
            fall: check.fall,
            verdict: check.initial.clone(),
            proven: false,
            streak: 0,
            streak_passes: false,
        }
    }

    /// The verdict as it stands.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Counts an outcome and returns the verdict when it has changed.
    ///
    /// A failing verdict keeps the reason that brought it about, so that an instance that fails in
    /// ever new words changes no record; only the placeholder reason of an initial verdict gives
    /// way to the first real one.
    pub fn feed(&mut self, outcome: Outcome) -> Option<&Verdict> {
        let passes = outcome == Outcome::Pass;
        if passes != self.streak_passes {
            self.streak_passes = passes;
            self.streak = 0;
        }
        self.streak = self.streak.saturating_add(1);
        let needed = if passes { self.rise } else { self.fall };
        if self.streak < needed {
            return None;
        }
        self.decide(outcome)
    }

    /// Fails at once, whatever `fall` says: for a time to live that has run out, which is not one
    /// bad outcome among others but their absence.
    pub fn expire(&mut self, reason: Reason) -> Option<&Verdict> {
        self.streak = 0;
        self.decide(Outcome::Fail(reason))
    }

    fn decide(&mut self, outcome: Outcome) -> Option<&Verdict> {
        let proven = std::mem::replace(&mut self.proven, true);
        let verdict = match (outcome, &self.verdict) {
            (Outcome::Pass, Verdict::Failing { .. }) => Verdict::Passing,
            (Outcome::Fail(reason), Verdict::Passing) => Verdict::Failing { reason },
            (Outcome::Fail(reason), Verdict::Failing { .. }) if !proven => {
                Verdict::Failing { reason }
            }
            _ => return None,
        };
        self.verdict = verdict;
        Some(&self.verdict)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::check::Probe;

    fn tally(rise: u32, fall: u32, initial: Verdict) -> Tally {
        Tally::new(&Check {
            rise,
            fall,
            initial,
            ..Check::new(Probe::Tcp)
        })
    }

    fn failing(reason: &str) -> Verdict {
        Verdict::Failing {
            reason: Reason::new(reason),
        }
    }

    fn fail(reason: &str) -> Outcome {
        Outcome::Fail(Reason::new(reason))
    }

    #[test]
    fn verdicts_change_after_rise_and_fall() {
        let mut tally = tally(2, 3, failing("new"));
        assert_eq!(tally.feed(Outcome::Pass), None);
        assert_eq!(tally.feed(Outcome::Pass), Some(&Verdict::Passing));
        assert_eq!(tally.feed(fail("a")), None);
        assert_eq!(tally.feed(fail("b")), None);
        assert_eq!(tally.feed(Outcome::Pass), None);
        assert_eq!(tally.feed(fail("c")), None);
        assert_eq!(tally.feed(fail("d")), None);
        assert_eq!(tally.feed(fail("e")), Some(&failing("e")));
        assert_eq!(tally.feed(fail("f")), None);
        assert_eq!(tally.verdict(), &failing("e"));
    }

    #[test]
    fn the_first_real_reason_replaces_the_initial_one() {
        let mut tally = tally(1, 2, failing("new"));
        assert_eq!(tally.feed(fail("a")), None);
        assert_eq!(tally.feed(fail("b")), Some(&failing("b")));
        assert_eq!(tally.feed(fail("c")), None);
    }

    #[test]
    fn expiry_fails_at_once_and_only_once() {
        let mut tally = tally(1, 100, Verdict::Passing);
        let reason = Reason::new("silence");
        assert_eq!(tally.expire(reason.clone()), Some(&failing("silence")));
        assert_eq!(tally.expire(reason), None);
        assert_eq!(tally.feed(Outcome::Pass), Some(&Verdict::Passing));
    }

    /// The verdict after each outcome, from the whole history each time: the last stretch of `rise`
    /// passes or `fall` failures decides.
    fn reference(rise: usize, fall: usize, initial: bool, history: &[bool]) -> bool {
        for end in (1..=history.len()).rev() {
            let ends_with = |passes: bool, count: usize| {
                end >= count && history[end - count..end].iter().all(|pass| *pass == passes)
            };
            if ends_with(true, rise) {
                return true;
            }
            if ends_with(false, fall) {
                return false;
            }
        }
        initial
    }

    proptest! {
        #[test]
        fn verdicts_agree_with_the_whole_history(
            rise in 1..5_u32,
            fall in 1..5_u32,
            initial: bool,
            history in vec(any::<bool>(), 0..40),
        ) {
            let first = if initial { Verdict::Passing } else { failing("new") };
            let mut tally = tally(rise, fall, first);
            for end in 1..=history.len() {
                let before = tally.verdict().clone();
                let outcome = if history[end - 1] { Outcome::Pass } else { fail("bad") };
                let change = tally.feed(outcome).cloned();
                prop_assert_eq!(change.is_some(), before != *tally.verdict());
                if let Some(verdict) = change {
                    prop_assert_eq!(&verdict, tally.verdict());
                }
                let expected =
                    reference(rise as usize, fall as usize, initial, &history[..end]);
                prop_assert_eq!(tally.verdict().is_passing(), expected);
            }
        }
    }
}
