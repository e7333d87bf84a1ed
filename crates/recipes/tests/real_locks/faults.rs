//! Contenders on several hosts, who are killed, frozen and cut off at random, and a referee.
//!
//! `DOCKEEPER_SEED` and `DOCKEEPER_FAULTS` choose another run, or a longer one.

mod contender;

use crate::{clients::LIMIT, world::World};
use contender::Plan;
use dockeeper_recipes::Naming;
use dockeeper_testbed::{Process, Referee, Testbed, wait};
use fastrand::Rng;
use std::time::Duration;
use tokio::time::sleep;

const LOCK: &str = "/locks/contended";

const HOSTS: usize = 3;

/// On each host.
const CONTENDERS: usize = 2;

/// Of most test runs.
const FAULTS: usize = 20;

/// How often somebody gets the lock between two faults at least: everybody goes on.
const ENTRIES: usize = 20;

/// Longest a contender is frozen or cut off: past its session.
const FAULT_MAX: Duration = Duration::from_secs(4);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    kills: usize,
    freezes: usize,
    cuts: usize,
}

/// What happens to a contender, and how often it has.
struct Faults {
    world: World,
    referee: Referee,
    plans: Vec<Plan>,
    processes: Vec<Process>,
    rng: Rng,
    counts: Counts,
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_never_more_than_one_holder() {
    let seed = number("DOCKEEPER_SEED").unwrap_or(1);
    let count = number("DOCKEEPER_FAULTS").map_or(FAULTS, |count| usize::try_from(count).unwrap());
    for naming in [Naming::Curator, Naming::Kazoo] {
        println!("{naming}'s names, seed {seed}, {count} faults");
        let mut faults = Faults::begin(naming, seed).await;
        for _ in 0..count / 2 {
            faults.go_on().await;
            faults.next().await;
        }
        faults.go_on().await;
        faults.end().await;
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap())
}

// === impl Faults ===

impl Faults {
    async fn begin(naming: Naming, seed: u64) -> Self {
        let hosts = u8::try_from(HOSTS).unwrap();
        let builder = Testbed::builder().hosts(hosts).zookeepers(1);
        let world = World::with(builder.start().await.unwrap()).await;
        let caller = world.testbed.caller().address();
        let referee = Referee::start(caller.into()).await.unwrap();
        let plan = |party: usize| Plan {
            party,
            servers: world.testbed.zookeeper().connect_string(),
            referee: referee.address(),
            lock: LOCK.to_owned(),
            naming,
            seed: seed + party as u64,
        };
        let plans: Vec<_> = (0..HOSTS * CONTENDERS).map(plan).collect();
        let start = |plan: &Plan| plan.start(world.testbed.host(plan.party % HOSTS));
        let processes = plans.iter().map(start).collect();
        Self {
            world,
            referee,
            plans,
            processes,
            rng: Rng::with_seed(seed),
            counts: Counts::default(),
        }
    }

    /// Waits until the lock has gone through some hands.
    async fn go_on(&self) {
        let wanted = self.referee.verdict().entries + ENTRIES;
        wait::until("hand-overs", LIMIT, async || {
            match self.referee.verdict().entries {
                entries if entries >= wanted => Ok(()),
                entries => Err(format!("{entries} of {wanted}")),
            }
        })
        .await
        .unwrap();
    }

    /// Something happens to somebody, and is over.
    async fn next(&mut self) {
        let party = self.rng.usize(0..self.plans.len());
        let host = self.world.testbed.host(party % HOSTS);
        let millis = self.rng.u128(0..FAULT_MAX.as_millis());
        let lasts = Duration::from_millis(u64::try_from(millis).unwrap());
        match self.rng.u8(0..3) {
            0 => {
                self.counts.kills += 1;
                self.processes[party].kill().await.unwrap();
                self.processes[party] = self.plans[party].start(host);
            }
            1 => {
                self.counts.freezes += 1;
                self.processes[party].freeze().await.unwrap();
                sleep(lasts).await;
                self.processes[party].thaw().unwrap();
            }
            _ => {
                self.counts.cuts += 1;
                let (testbed, server) = (
                    &self.world.testbed,
                    self.world.testbed.zookeeper().server(0),
                );
                testbed.cut(host, server).await.unwrap();
                sleep(lasts).await;
                testbed.heal(host, server).await.unwrap();
            }
        }
    }

    /// Everybody leaves, and nothing of them stays.
    async fn end(self) {
        for process in &self.processes {
            assert!(
                process.is_running().await.unwrap(),
                "{}",
                process.log().unwrap()
            );
            process.terminate().unwrap();
        }
        for process in &self.processes {
            let status = process.wait(LIMIT).await.unwrap();
            assert!(status.success(), "{}", process.log().unwrap());
        }
        let verdict = self.referee.verdict();
        println!("{:?}, {verdict:?}", self.counts);
        assert_eq!(verdict.violations, [""; 0]);
        assert!(verdict.changes > ENTRIES, "{verdict:?}");
        // Those of sessions that were killed expire.
        self.world.has_children(LOCK, 0).await;
        self.world.stop().await;
    }
}
