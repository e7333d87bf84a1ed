//! What the containers came to that were admitted.

use super::{ADMITTED_MAX, Member, View, members::Verdict, text};
use dockeeper_model::config::{Admitted, ContainerRef, Failure, Rollout};
use std::collections::{BTreeMap, HashMap};

/// What there is of a rollout's containers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// How many there are.
    pub(super) present: usize,
    /// How many of them are to run the release and have not failed with it.
    pub(super) reached: usize,
    /// How many of those are not judged yet.
    pub(super) unjudged: usize,
    /// When the last of the others became healthy, by its host's clock.
    pub(super) healthy_ms: i64,
    /// When the next limit is over.
    pub(super) limit_ms: Option<i64>,
    /// Whether the rollout has changed so that others need to know.
    pub(super) is_news: bool,
}

/// Judges the admitted containers: notes who failed in `rollout`, and who is waited for.
pub(super) fn judge(rollout: &mut Rollout, view: &View<'_>, now_ms: i64) -> Tally {
    Judge::new(rollout, now_ms).run(view)
}

struct Judge<'a> {
    rollout: &'a mut Rollout,
    now_ms: i64,
    /// From when on each one's limit counts.
    since_ms: HashMap<ContainerRef, i64>,
    tally: Tally,
}

// === impl Judge ===

impl<'a> Judge<'a> {
    fn new(rollout: &'a mut Rollout, now_ms: i64) -> Self {
        let waves = std::mem::take(&mut rollout.pending).into_iter();
        let since_ms = waves.flat_map(|(at, wave)| wave.into_iter().map(move |name| (name, at)));
        Self {
            since_ms: since_ms.collect(),
            rollout,
            now_ms,
            tally: Tally::default(),
        }
    }

    fn run(mut self, view: &View<'_>) -> Tally {
        for (container, member) in view.members {
            self.tally.present += 1;
            if !self.rollout.has_failed(container) && self.is_admitted(container, member) {
                self.look(container, member);
            }
        }
        self.absent(view);
        if self.tally.unjudged > 0 {
            // Healthy they have to be all at the same time.
            self.tally.is_news |= self.rollout.healthy_ms.take().is_some();
        }
        self.tally
    }

    /// One that runs the release already counts as admitted: it is the successor of an admitted
    /// one, created anew under another id.
    fn is_admitted(&mut self, container: &ContainerRef, member: &Member) -> bool {
        match &mut self.rollout.admitted {
            Admitted::Everyone => true,
            Admitted::These(names) if names.contains(container) => true,
            Admitted::These(names) => {
                let is_heir = member.runs(self.rollout.release) && names.len() < ADMITTED_MAX;
                if is_heir {
                    names.insert(container.clone());
                    self.tally.is_news = true;
                }
                is_heir
            }
        }
    }

    fn look(&mut self, container: &ContainerRef, member: &Member) {
        match member.verdict(self.rollout.release) {
            Verdict::Healthy => {
                let since_ms = member.ack.as_ref().map_or(0, |ack| ack.since_ms);
                self.tally.healthy_ms = self.tally.healthy_ms.max(since_ms);
                self.tally.reached += 1;
            }
            Verdict::Failed(reason) => self.fail(container, member, text::shortened(reason)),
            Verdict::Unjudged => self.wait(container, member),
        }
    }

    fn wait(&mut self, container: &ContainerRef, member: &Member) {
        let limit_ms = i64::try_from(self.rollout.policy.limit_ms).unwrap_or(i64::MAX);
        let since_ms = match self.rollout.admitted {
            Admitted::Everyone => self.rollout.changed_ms,
            Admitted::These(_) => self.pending_since(container),
        };
        let until_ms = since_ms.saturating_add(limit_ms);
        if self.now_ms >= until_ms {
            // Everyone's limit is not for those that came, or were started again, since it began:
            // they are not waited for, or where containers come and go there would be no end.
            if self.rollout.admitted == Admitted::Everyone && self.has_moved(member) {
                return;
            }
            let step = member
                .ack
                .as_ref()
                .map_or("waiting", |ack| ack.step.as_str());
            let limit = text::seconds(self.rollout.policy.limit_ms);
            let reason = format!("it did not become healthy within {limit}; it is {step}");
            let said = member.ack.as_ref().map_or("", |ack| &ack.reason);
            let colon = if said.is_empty() { "" } else { ": " };
            self.fail(
                container,
                member,
                text::shortened(&format!("{reason}{colon}{said}")),
            );
            return;
        }
        if matches!(self.rollout.admitted, Admitted::These(_)) {
            let wave = self.rollout.pending.entry(since_ms).or_default();
            wave.insert(container.clone());
        }
        let next = self.tally.limit_ms.unwrap_or(i64::MAX);
        self.tally.limit_ms = Some(next.min(until_ms));
        self.tally.reached += 1;
        self.tally.unjudged += 1;
    }

    /// From when on its limit counts. One that had been judged, or was gone, begins anew: it was
    /// started again, or its host is back.
    fn pending_since(&mut self, container: &ContainerRef) -> i64 {
        match self.since_ms.get(container) {
            Some(since_ms) => *since_ms,
            None => {
                self.tally.is_news = true;
                self.now_ms
            }
        }
    }

    fn has_moved(&self, member: &Member) -> bool {
        let ack = member.ack.as_ref();
        let of_this = ack.filter(|ack| ack.target == self.rollout.release);
        of_this.is_some_and(|ack| ack.since_ms > self.rollout.changed_ms)
    }

    fn fail(&mut self, container: &ContainerRef, member: &Member, reason: String) {
        if self.rollout.failures.len() < Rollout::FAILURES_MAX {
            self.rollout.failures.push(Failure {
                node: member.node.to_string(),
                container: container.clone(),
                name: member.name.clone(),
                reason,
            });
        } else if self.rollout.failed_more.len() < ADMITTED_MAX {
            self.rollout.failed_more.insert(container.clone());
        } else {
            return;
        }
        self.tally.is_news = true;
    }

    /// Those that are gone are not waited for; where it is not sure that they are, they are still.
    fn absent(&mut self, view: &View<'_>) {
        let mut absent: BTreeMap<i64, Vec<ContainerRef>> = BTreeMap::new();
        for (container, since_ms) in self.since_ms.drain() {
            if !view.members.contains_key(&container) {
                absent.entry(since_ms).or_default().push(container);
            }
        }
        if view.is_settled {
            self.tally.is_news |= !absent.is_empty();
            return;
        }
        for (since_ms, containers) in absent {
            self.rollout
                .pending
                .entry(since_ms)
                .or_default()
                .extend(containers);
        }
    }
}
