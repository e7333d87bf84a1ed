use std::time::Duration;

/// How many violations are described; the rest is counted.
const VIOLATIONS_MAX: usize = 20;

/// How a party uses the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// With nobody else, in the order of tokens.
    Alone,
    /// With others who share it, and nobody who is alone.
    Shared,
    /// With so many at a time, in any order.
    Permits(usize),
}

/// What a party is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It may.
    Right,
    /// It may not, and should know: its time is over.
    Late,
    /// It may not, though it is sure that it may.
    Wrong,
}

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How often somebody entered.
    pub entries: usize,
    /// How often that was another party than the one before.
    pub changes: usize,
    /// How often somebody was turned away whose time was over.
    pub late: usize,
    /// How often somebody was inside who must not have been, and what happened then.
    pub violations: Vec<String>,
}

/// Knows who is inside. Does no I/O.
#[derive(Debug, Default)]
pub(super) struct Judge {
    inside: Vec<Holder>,
    /// The highest token of those who were alone, and of all.
    alone_max: i64,
    token_max: i64,
    last: String,
    verdict: Verdict,
}

#[derive(Clone, Debug)]
struct Holder {
    party: String,
    used: Use,
    token: i64,
    until: Option<Duration>,
}

// === impl Judge ===

impl Judge {
    pub(super) fn verdict(&self) -> Verdict {
        self.verdict.clone()
    }

    /// Somebody has acquired the lock.
    pub(super) fn enter(
        &mut self,
        now: Duration,
        party: &str,
        used: Use,
        token: i64,
        until: Option<Duration>,
    ) -> Answer {
        let after = match used {
            Use::Alone => self.token_max,
            Use::Shared => self.alone_max,
            Use::Permits(_) => i64::MIN,
        };
        if token <= after {
            return self.refuse(now, party, token, until, &format!("behind token {after}"));
        }
        // Who cannot be sure any more has stopped.
        self.inside
            .retain(|holder| holder.until.is_none_or(|until| until > now));
        let is_barred = |other: &&Holder| match used {
            Use::Alone => true,
            Use::Shared => other.used == Use::Alone,
            Use::Permits(_) => false,
        };
        if let Some(other) = self.inside.iter().find(is_barred) {
            let why = format!("while {} is inside with {}", other.party, other.token);
            return self.refuse(now, party, token, until, &why);
        }
        if matches!(used, Use::Permits(permits) if self.inside.len() >= permits) {
            let why = format!("while {:?} are inside", self.inside);
            return self.refuse(now, party, token, until, &why);
        }
        self.token_max = self.token_max.max(token);
        if used == Use::Alone {
            self.alone_max = token;
        }
        self.verdict.entries += 1;
        if self.last != party {
            self.verdict.changes += 1;
            party.clone_into(&mut self.last);
        }
        self.inside.push(Holder {
            party: party.to_owned(),
            used,
            token,
            until,
        });
        Answer::Right
    }

    /// Somebody inside goes on.
    pub(super) fn stay(
        &mut self,
        now: Duration,
        party: &str,
        token: i64,
        until: Option<Duration>,
    ) -> Answer {
        match self.inside.iter_mut().find(|holder| holder.token == token) {
            Some(holder) => {
                holder.until = until;
                Answer::Right
            }
            None => self.refuse(now, party, token, until, "and has been succeeded"),
        }
    }

    pub(super) fn leave(&mut self, token: i64) -> Answer {
        self.inside.retain(|holder| holder.token != token);
        Answer::Right
    }

    fn refuse(
        &mut self,
        now: Duration,
        party: &str,
        token: i64,
        until: Option<Duration>,
        why: &str,
    ) -> Answer {
        if until.is_some_and(|until| until <= now) {
            self.verdict.late += 1;
            return Answer::Late;
        }
        if self.verdict.violations.len() < VIOLATIONS_MAX {
            let text =
                format!("{party} with token {token}, sure until {until:?} at {now:?}, {why}");
            self.verdict.violations.push(text);
        }
        Answer::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Use::{Alone, Permits, Shared};

    const NOW: Duration = Duration::from_secs(10);
    const LATER: Option<Duration> = Some(Duration::from_secs(20));
    const BEFORE: Option<Duration> = Some(Duration::from_secs(9));

    #[test]
    fn one_alone_keeps_others_out_until_it_leaves_or_cannot_be_sure() {
        let mut judge = Judge::default();
        assert_eq!(judge.enter(NOW, "a", Alone, 1, LATER), Answer::Right);
        assert_eq!(judge.enter(NOW, "b", Alone, 2, LATER), Answer::Wrong);
        assert_eq!(judge.enter(NOW, "b", Shared, 2, None), Answer::Wrong);
        judge.leave(1);
        assert_eq!(judge.enter(NOW, "b", Alone, 2, BEFORE), Answer::Right);
        assert_eq!(judge.enter(NOW, "a", Alone, 3, LATER), Answer::Right);
        assert_eq!(judge.stay(NOW, "b", 2, BEFORE), Answer::Late);
        assert_eq!(judge.stay(NOW, "b", 2, LATER), Answer::Wrong);
        let verdict = judge.verdict();
        assert_eq!((verdict.entries, verdict.changes), (3, 3));
        assert_eq!((verdict.late, verdict.violations.len()), (1, 3));
    }

    #[test]
    fn a_lower_token_is_out_of_order() {
        let mut judge = Judge::default();
        judge.enter(NOW, "a", Alone, 7, LATER);
        judge.leave(7);
        assert_eq!(judge.enter(NOW, "b", Alone, 6, BEFORE), Answer::Late);
        assert_eq!(judge.enter(NOW, "b", Alone, 6, None), Answer::Wrong);
        assert_eq!(judge.enter(NOW, "b", Shared, 9, LATER), Answer::Right);
        assert_eq!(judge.enter(NOW, "a", Shared, 8, LATER), Answer::Right);
        judge.leave(8);
        judge.leave(9);
        assert_eq!(judge.enter(NOW, "a", Alone, 8, LATER), Answer::Wrong);
    }

    #[test]
    fn no_more_enter_than_there_are_permits() {
        let mut judge = Judge::default();
        assert_eq!(judge.enter(NOW, "a", Permits(2), 2, None), Answer::Right);
        assert_eq!(judge.enter(NOW, "b", Permits(2), 1, None), Answer::Right);
        assert_eq!(judge.enter(NOW, "c", Permits(2), 3, None), Answer::Wrong);
        judge.leave(2);
        assert_eq!(judge.enter(NOW, "c", Permits(2), 3, None), Answer::Right);
    }
}
