//! What becomes of the stage that is open: who is admitted, and when it is over.

use super::{
    super::{ADMITTED_MAX, choice, demand::Demand},
    Course,
};
use dockeeper_model::config::{Admitted, ContainerRef, Stage};

// === impl Course ===

impl Course<'_> {
    /// Admits whom the stage still wants, as far as it may. Whether it has all of them, and they are
    /// judged and have been healthy for long enough.
    pub(super) fn is_over(&mut self, stage: &Stage) -> bool {
        let is_complete = match Demand::of(stage, &self.next, self.view.members) {
            Demand::Everyone => {
                self.admit_everyone();
                true
            }
            Demand::More { count, of, is_open } => self.admit_some(count, of) && !is_open,
        };
        is_complete && self.tally.unjudged == 0 && self.has_baked()
    }

    /// Whether all of them are admitted now, or as many as can be.
    fn admit_some(&mut self, count: usize, of: Vec<&ContainerRef>) -> bool {
        let is_last = self.next.policy.stages.len() <= self.opened();
        let Admitted::These(names) = &mut self.next.admitted else {
            return true;
        };
        let space = ADMITTED_MAX.saturating_sub(names.len());
        if count > 0 && space == 0 {
            if is_last {
                self.admit_everyone();
            }
            return true;
        }
        let parallel = self.next.policy.max_parallel.map_or(usize::MAX, |max| {
            // With none at all it would never end.
            usize::try_from(max).unwrap_or(usize::MAX).max(1)
        });
        let room = parallel.saturating_sub(self.tally.unjudged);
        let admitted = count.min(room).min(space);
        if admitted > 0 {
            let members = self.view.members;
            let reached = members.iter().filter(|(name, _)| names.contains(*name));
            let reached = reached.map(|(_, member)| member);
            let chosen = choice::ordered(self.next.release, members, reached, of);
            let chosen = chosen.into_iter().take(admitted).cloned();
            let wave = self.next.pending.entry(self.now_ms).or_default();
            for name in chosen {
                wave.insert(name.clone());
                names.insert(name);
            }
            self.tally.reached += admitted;
            self.await_judgement(admitted);
        }
        admitted == count
    }

    fn admit_everyone(&mut self) {
        if self.next.admitted == Admitted::Everyone {
            return;
        }
        let failed = self.view.members.keys();
        let failed = failed.filter(|name| self.next.has_failed(name)).count();
        let newly = self.tally.present - failed - self.tally.reached;
        self.next.admitted = Admitted::Everyone;
        self.next.pending.clear();
        self.next.changed_ms = self.now_ms;
        self.tally.reached += newly;
        self.is_news = true;
        self.await_judgement(newly);
    }

    fn await_judgement(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        self.tally.unjudged += count;
        self.next.healthy_ms = None;
        self.is_news = true;
        let limit_ms = i64::try_from(self.next.policy.limit_ms).unwrap_or(i64::MAX);
        self.wake_at(self.now_ms.saturating_add(limit_ms));
    }

    /// Whether the containers have been healthy for as long as the policy wants. It counts from when
    /// their hosts say that the last one became so, within reason, as clocks differ; in the record,
    /// so that a controller that comes later need not begin again.
    fn has_baked(&mut self) -> bool {
        if self.next.policy.bake_ms == 0 || self.tally.reached == 0 {
            return true;
        }
        let (now_ms, latest_ms) = (self.now_ms, self.tally.healthy_ms);
        let since_ms = match self.next.healthy_ms {
            Some(since_ms) if latest_ms > since_ms && latest_ms <= now_ms => latest_ms,
            Some(since_ms) => since_ms,
            None => latest_ms.clamp(self.next.changed_ms.min(now_ms), now_ms),
        };
        if self.next.healthy_ms != Some(since_ms) {
            self.next.healthy_ms = Some(since_ms);
            self.is_news = true;
        }
        let bake_ms = i64::try_from(self.next.policy.bake_ms).unwrap_or(i64::MAX);
        let until_ms = since_ms.saturating_add(bake_ms);
        self.wake_at(until_ms);
        now_ms >= until_ms
    }
}
