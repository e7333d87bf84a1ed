//! The world around rollouts.

use super::{super::*, judge};
use dockeeper_model::config::{OnFailure, Stage};
use fastrand::Rng;

/// How long the world does what it likes, in steps of a second or two.
const WILD_STEPS: usize = 300;

/// How long a rollout may take when nothing happens any more but what agents and controllers do.
const CALM_STEPS: usize = 3_000;

/// What happened in all worlds.
#[derive(Debug, Default)]
pub(super) struct Total {
    done: u64,
    rollbacks: u64,
    lost_writes: u64,
    admissions: u64,
}

/// Whether a container takes a release well; or says nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nature {
    Well,
    Ill,
    Silent,
}

struct Container {
    member: Member,
    running: Option<u64>,
}

pub(super) struct World {
    rng: Rng,
    now_ms: i64,
    containers: BTreeMap<ContainerRef, Container>,
    created: usize,
    /// The host that is away, if one is.
    away: Option<String>,
    /// From when on the controller believes that who is not there is gone.
    settled_ms: i64,
    rollout: Rollout,
    /// For which release a way back was published.
    rolled_back: BTreeSet<u64>,
}

// === impl Total ===

impl Total {
    /// Whether in so many worlds enough has happened.
    pub(super) fn has_tried(&self, worlds: u64) -> bool {
        let ended = self.done + self.rollbacks;
        ended > worlds
            && self.rollbacks > worlds / 4
            && self.lost_writes > worlds
            && self.admissions > worlds * 5
    }
}

// === impl World ===

impl World {
    pub(super) fn new(rng: Rng) -> Self {
        let rollout = first(None, 1, Policy::default(), &Members::new(), START_MS);
        let mut world = Self {
            rng,
            now_ms: START_MS,
            containers: BTreeMap::new(),
            created: 0,
            away: None,
            settled_ms: 0,
            rollout,
            rolled_back: BTreeSet::new(),
        };
        for _ in 0..world.rng.usize(0..30) {
            world.create();
        }
        world
    }

    pub(super) fn run(&mut self, seed: u64, total: &mut Total) {
        for _ in 0..WILD_STEPS {
            self.happen(total);
            self.pass(total);
        }
        self.away = None;
        for _ in 0..CALM_STEPS {
            self.pass(total);
            let wanted = match self.rollout.phase {
                Phase::Done => {
                    total.done += 1;
                    return;
                }
                Phase::AwaitingApproval => Order::Approve,
                Phase::Paused => Order::Abort,
                Phase::Rolling | Phase::Failing | Phase::Aborting => continue,
            };
            self.rollout = order(&self.rollout, wanted, "ann", self.now_ms).unwrap();
        }
        panic!("seed {seed}: it does not end: {:#?}", self.rollout);
    }

    /// A second or two pass, in which agents and the controller do something.
    fn pass(&mut self, total: &mut Total) {
        self.now_ms += self.rng.i64(500..2_000);
        let names: Vec<_> = self.containers.keys().cloned().collect();
        for name in names {
            if self.rng.u8(0..3) == 0 {
                self.agent(&name);
            }
        }
        self.controller(total);
    }

    fn create(&mut self) {
        self.created += 1;
        let number = self.created;
        let mut member = member(number, 4, 0);
        member.ack = None;
        if self.rng.bool() {
            let canary = ("canary".to_owned(), "yes".to_owned());
            member.labels = Some([canary].into());
        }
        let container = Container {
            member,
            running: None,
        };
        self.containers.insert(name(number * 7919), container);
    }

    fn happen(&mut self, total: &mut Total) {
        match self.rng.u8(0..60) {
            0 => self.publish(),
            1..=3 => self.create(),
            4..=5 => {
                let index = self.rng.usize(0..=self.containers.len());
                if let Some(name) = self.containers.keys().nth(index).cloned() {
                    self.containers.remove(&name);
                }
            }
            6 => self.away = self.rng.bool().then(|| format!("h{}", self.rng.u8(0..4))),
            // Another controller, which has to wait for hosts.
            7 => self.settled_ms = self.now_ms + 10_000,
            8..=10 => {
                let orders = [Order::Pause, Order::Resume, Order::Abort, Order::Approve];
                let wanted = orders[self.rng.usize(0..4)];
                // Aborts would leave little else to see.
                let is_wanted = wanted != Order::Abort || self.rng.u8(0..5) == 0;
                if is_wanted && let Ok(next) = order(&self.rollout, wanted, "ann", self.now_ms) {
                    self.rollout = next;
                }
            }
            11 => self.restart(),
            12 => total.lost_writes += 1,
            _ => {}
        }
    }

    fn publish(&mut self) {
        let stage = |rng: &mut Rng| match rng.u8(0..4) {
            0 => Stage::Count(rng.u32(0..6)),
            1 => Stage::Percent(rng.u8(1..=99)),
            2 => Stage::Percent(100),
            _ => Stage::Label("canary=yes".to_owned()),
        };
        let rng = &mut self.rng;
        let policy = Policy {
            stages: (0..rng.usize(0..4)).map(|_| stage(rng)).collect(),
            max_parallel: rng.bool().then(|| rng.u32(1..6)),
            bake_ms: [0, 5_000][rng.usize(0..2)],
            failure_budget: rng.u32(0..3),
            on_failure: [OnFailure::Rollback, OnFailure::Pause][rng.usize(0..2)],
            limit_ms: 30_000,
            gate: None,
            approval: rng.u8(0..4) == 0,
        };
        let before = self.rollout.clone();
        let (release, members) = (before.release + 1, self.members());
        self.rollout = first(Some(&before), release, policy, &members, self.now_ms);
        let stable = match before.phase {
            Phase::Done => before.release,
            _ => before.stable.unwrap(),
        };
        assert_eq!(self.rollout.stable, Some(stable));
        assert!(!self.rollout.reason.is_empty());
    }

    /// A container starts again, and has to become healthy again.
    fn restart(&mut self) {
        let index = self.rng.usize(0..=self.containers.len());
        if let Some(container) = self.containers.values_mut().nth(index)
            && let Some(ack) = &mut container.member.ack
            && ack.step == Step::Healthy
        {
            (ack.step, ack.since_ms) = (Step::Swapped, self.now_ms);
        }
    }

    /// What a container's agent does next.
    fn agent(&mut self, name: &ContainerRef) {
        let container = self.containers.get_mut(name).unwrap();
        let target = self.rollout.release_for(name, container.running);
        let nature = nature(name, target, &self.rollout);
        let last = container.member.ack.as_ref();
        let last = last.filter(|ack| ack.target == target).map(|ack| ack.step);
        let next = match last {
            _ if nature == Nature::Silent => return,
            None if container.running == Some(target) => Step::Healthy,
            None => Step::Fetched,
            Some(Step::Fetched) => Step::Swapped,
            Some(Step::Swapped) if nature == Nature::Ill => Step::Failed,
            Some(Step::Swapped) => Step::Healthy,
            Some(_) => return,
        };
        if next == Step::Swapped {
            container.running = Some(target);
        }
        let reason = if next == Step::Failed { "ill" } else { "" };
        container.member.ack = Some(Ack {
            running: container.running,
            reason: reason.to_owned(),
            ..ack(container.member.name.clone(), target, next, self.now_ms)
        });
    }

    /// What the hosts say that are there.
    fn members(&self) -> Members {
        let there = self.containers.iter().filter(|(_, container)| {
            let node = container.member.node.as_str();
            self.away.as_deref() != Some(node)
        });
        let there = there.map(|(name, container)| (name.clone(), container.member.clone()));
        there.collect()
    }

    /// What a controller does, which knows nothing but the record and what the hosts say, and may
    /// end before or after each write.
    fn controller(&mut self, total: &mut Total) {
        let members = self.members();
        let view = View {
            members: &members,
            is_settled: self.now_ms >= self.settled_ms,
        };
        for _ in 0..self.rng.usize(0..4) {
            let outcome = step(&self.rollout, &view, self.now_ms);
            assert!(outcome.wake_ms.is_none_or(|wake_ms| wake_ms > self.now_ms));
            if self.rng.u8(0..4) == 0 {
                total.lost_writes += 1;
                continue;
            }
            if let Some(next) = outcome.next {
                judge::check(&self.rollout, &next, &view, self.now_ms);
                total.admissions += u64::from(next.admitted != self.rollout.admitted);
                self.rollout = next;
            } else if let Some(Action::Rollback { to }) = outcome.action {
                self.roll_back(to, total);
            }
        }
    }

    fn roll_back(&mut self, to: u64, total: &mut Total) {
        let failed = self.rollout.clone();
        assert_eq!(failed.stable, Some(to));
        if self.rng.u8(0..4) == 0 {
            self.rollout = rollback_failed(&failed, "it is not there", self.now_ms);
            let view = View {
                members: &self.members(),
                is_settled: true,
            };
            let outcome = step(&self.rollout, &view, self.now_ms + 1_000_000);
            assert_eq!(outcome, Outcome::default(), "it tries again by itself");
            // A person helps.
            self.rollout = order(&self.rollout, Order::Abort, "ann", self.now_ms).unwrap();
            return;
        }
        assert!(self.rolled_back.insert(failed.release), "rolled back twice");
        let release = failed.release + 1;
        self.rollout = everyone(Some(&failed), release, &failed.reason, self.now_ms);
        total.rollbacks += 1;
    }
}

/// How a container takes a release. What reached everyone before is good for all.
fn nature(name: &ContainerRef, release: u64, rollout: &Rollout) -> Nature {
    if release != rollout.release || rollout.phase == Phase::Done {
        return Nature::Well;
    }
    let number = u64::from_str_radix(name.as_str(), 16).unwrap() / 7919;
    match (release % 3, (number + release * 31) % 9) {
        // A bad release.
        (0, 0..=2) => Nature::Ill,
        (0, 3) | (1, 4) => Nature::Silent,
        _ => Nature::Well,
    }
}
