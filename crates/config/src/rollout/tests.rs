//! What happens to rollouts, one after another; and, in `simulation`, what holds whatever happens.

mod bounds;
mod persons;
mod simulation;
mod stages;

use super::*;
use dockeeper_model::config::{Ack, ContainerRef, Phase, Policy, Rollout, Step};
use std::collections::{BTreeMap, BTreeSet};

/// When the tests begin.
const START_MS: i64 = 1_700_000_000_000;

fn name(number: usize) -> ContainerRef {
    format!("{number:012x}").parse().unwrap()
}

fn member(number: usize, hosts: usize, release: u64) -> Member {
    let container = format!("web-{number}");
    Member {
        node: format!("h{}", number % hosts).parse().unwrap(),
        name: container.clone(),
        labels: Some(BTreeMap::new()),
        ack: Some(ack(container, release, Step::Healthy, START_MS)),
    }
}

fn ack(name: String, target: u64, step: Step, since_ms: i64) -> Ack {
    Ack {
        name,
        running: (step >= Step::Swapped).then_some(target),
        digest: None,
        target,
        step,
        reason: String::new(),
        since_ms,
    }
}

/// An app whose containers all run release 1 well.
struct App {
    members: Members,
    rollout: Rollout,
    is_settled: bool,
    now_ms: i64,
}

impl App {
    /// Publishes release 2.
    fn publish(containers: usize, policy: Policy) -> Self {
        let hosts = containers.clamp(1, 5);
        let members = (0..containers).map(|number| (name(number), member(number, hosts, 1)));
        Self::publish_for(members.collect(), policy)
    }

    fn publish_for(members: Members, policy: Policy) -> Self {
        let one = first(None, 1, Policy::default(), &members, START_MS);
        let rollout = first(Some(&one), 2, policy, &members, START_MS);
        Self {
            members,
            rollout,
            is_settled: true,
            now_ms: START_MS,
        }
    }

    /// What the controller does, until it has nothing more to do.
    fn settle(&mut self) -> Option<Action> {
        for _ in 0..20 {
            let view = View {
                members: &self.members,
                is_settled: self.is_settled,
            };
            let outcome = step(&self.rollout, &view, self.now_ms);
            match outcome.next {
                Some(next) => self.rollout = next,
                None => return outcome.action,
            }
        }
        panic!("it never has nothing to do: {:?}", self.rollout);
    }

    fn admitted(&self) -> BTreeSet<ContainerRef> {
        let names = self.members.keys();
        let names = names.filter(|name| self.rollout.admitted.has(name));
        names.cloned().collect()
    }

    fn say(&mut self, container: &ContainerRef, step: Step, reason: &str) {
        let (release, now_ms) = (self.rollout.release, self.now_ms);
        let member = self.members.get_mut(container).unwrap();
        member.ack = Some(Ack {
            reason: reason.to_owned(),
            ..ack(member.name.clone(), release, step, now_ms)
        });
    }

    /// All that are admitted become healthy, and the controller sees it.
    fn all_well(&mut self) {
        for container in self.admitted() {
            self.say(&container, Step::Healthy, "");
        }
        assert_eq!(self.settle(), None);
    }

    /// How many are admitted, and in which phase it is.
    fn state(&self) -> (usize, Phase) {
        (self.admitted().len(), self.rollout.phase)
    }
}
