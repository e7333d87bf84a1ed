//! The roster alone: order, limits, and that no outcome goes astray.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::check::Probe;
use crate::reason::Reason;
use crate::verdict::Verdict;

const SECOND: Duration = Duration::from_secs(1);

fn key(number: usize) -> Key {
    format!("{number}").into()
}

fn target(port: u16) -> Target {
    Target {
        address: ([127, 0, 0, 1], port).into(),
        name: None,
        container: String::new(),
    }
}

fn tcp() -> Check {
    Check::new(Probe::Tcp)
}

fn fail(reason: &str) -> Outcome {
    Outcome::Fail(Reason::new(reason))
}

#[test]
fn an_unchanged_check_goes_on_and_a_changed_one_begins_anew() {
    let now = Instant::now();
    let mut roster = Roster::new(1);
    assert_eq!(roster.set(now, key(1), tcp(), target(1)), Ok(None));
    roster.advance(now + SECOND);
    let probe = roster.start(now + SECOND).expect("the probe is due");
    assert_eq!(roster.set(now, key(1), tcp(), target(1)), Ok(None));
    assert_eq!(
        roster.set(now, key(1), tcp(), target(2)),
        Ok(Some(probe.id))
    );

    // The outcome of the replaced check comes too late.
    roster.finish(now, probe.id, Outcome::Pass);
    let change = roster.take_change().expect("the initial verdict");
    assert_eq!(
        change,
        Change {
            key: key(1),
            verdict: Verdict::unproven()
        }
    );
    assert!(!roster.has_change());
}

#[test]
fn probes_beyond_the_limit_wait_in_turn() {
    let now = Instant::now();
    let count = PROBES_IN_FLIGHT_MAX + 10;
    let mut roster = Roster::new(2);
    for number in 0..count {
        roster
            .set(now, key(number), tcp(), target(1))
            .expect("there is room");
    }
    roster.advance(now + SECOND);
    let order: Vec<_> = roster.ready.iter().cloned().collect();
    let started: Vec<_> = std::iter::from_fn(|| roster.start(now + SECOND)).collect();
    assert_eq!((order.len(), started.len()), (count, PROBES_IN_FLIGHT_MAX));

    roster.finish(now + SECOND, started[0].id, Outcome::Pass);
    let next = roster.start(now + SECOND).expect("one may start");
    assert_eq!(roster.in_flight[&next.id].key, order[PROBES_IN_FLIGHT_MAX]);
    assert!(roster.start(now + SECOND).is_none());
}

#[test]
fn a_removed_check_leaves_nothing_behind() {
    let now = Instant::now();
    let mut roster = Roster::new(3);
    let ttl = Check::new(Probe::Ttl(SECOND));
    for step in 0..4 {
        roster
            .set(now, key(1), tcp(), target(1))
            .expect("there is room");
        roster
            .set(now, key(2), ttl.clone(), target(1))
            .expect("there is room");
        if step > 0 {
            roster.advance(now + SECOND);
        }
        let started = if step > 1 {
            roster.start(now + SECOND)
        } else {
            None
        };
        if step > 2 {
            while roster.take_change().is_some() {}
        }
        assert_eq!(roster.remove(&key(1)), started.map(|probe| probe.id));
        assert_eq!(roster.remove(&key(2)), None);
        assert!(roster.entries.is_empty() && roster.due.is_empty() && roster.ready.is_empty());
        assert!(roster.in_flight.is_empty() && roster.untold.is_empty());
    }
}

#[test]
fn there_is_room_for_so_many_checks_and_no_more() {
    let now = Instant::now();
    let mut roster = Roster::new(4);
    for number in 0..CHECKS_MAX {
        roster
            .set(now, key(number), tcp(), target(1))
            .expect("there is room");
    }
    let refused = roster.set(now, key(CHECKS_MAX), tcp(), target(1));
    assert_eq!(
        refused,
        Err(Error::TooManyChecks {
            key: key(CHECKS_MAX)
        })
    );
    assert_eq!(roster.set(now, key(0), tcp(), target(2)), Ok(None));
}

#[test]
fn reports_and_silence_decide_a_ttl_check() {
    let now = Instant::now();
    let mut roster = Roster::new(5);
    let ttl = Check::new(Probe::Ttl(5 * SECOND));
    roster
        .set(now, key(1), ttl, target(1))
        .expect("there is room");
    roster
        .set(now, key(2), tcp(), target(1))
        .expect("there is room");
    while roster.take_change().is_some() {}
    assert_eq!(
        roster.report(now, &key(2), Outcome::Pass),
        Err(Error::NotTtl { key: key(2) })
    );
    assert_eq!(
        roster.report(now, &key(3), Outcome::Pass),
        Err(Error::UnknownCheck { key: key(3) })
    );
    roster.remove(&key(2));

    roster
        .report(now + SECOND, &key(1), Outcome::Pass)
        .expect("the check is known");
    let change = roster.take_change().expect("it passes now");
    assert_eq!(change.verdict, Verdict::Passing);
    roster.advance(now + 5 * SECOND);
    assert!(!roster.has_change());
    roster.advance(now + 6 * SECOND);
    let change = roster
        .take_change()
        .expect("it has been silent for too long");
    assert!(!change.verdict.is_passing());
    assert_eq!(roster.next_due(), None);
}

/// One step of a simulation.
#[derive(Clone, Debug)]
enum Step {
    Set { key: usize, port: u16 },
    Remove { key: usize },
    Wait { millis: u64 },
    Finish { index: usize, pass: bool },
    Tell,
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..100_usize;
    prop_oneof![
        3 => (key.clone(), 1..3_u16).prop_map(|(key, port)| Step::Set { key, port }),
        1 => key.prop_map(|key| Step::Remove { key }),
        2 => (0..4000_u64).prop_map(|millis| Step::Wait { millis }),
        4 => (0..64_usize, any::<bool>()).prop_map(|(index, pass)| Step::Finish { index, pass }),
        1 => Just(Step::Tell),
    ]
}

/// What a check that has no rise and fall must say, kept in the most obvious way.
struct Expected {
    port: u16,
    verdict: Verdict,
    last_start: Option<Instant>,
}

proptest! {
    /// The reference knows each check's last outcome; the owner must have learned it in the end.
    #[test]
    fn the_owner_learns_the_last_outcome_of_each_check(steps in vec(step(), 0..400)) {
        let mut now = Instant::now();
        let mut roster = Roster::new(6);
        let mut expected: BTreeMap<Key, Expected> = BTreeMap::new();
        let mut told: BTreeMap<Key, Verdict> = BTreeMap::new();
        let mut flying: Vec<(ProbeId, Key)> = Vec::new();

        for step in steps.into_iter().chain(std::iter::repeat_n(Step::Tell, 100)) {
            match step {
                Step::Set { key: number, port } => {
                    let key = key(number);
                    let cancelled = roster.set(now, key.clone(), tcp(), target(port)).expect("room");
                    let same = expected.get(&key).is_some_and(|check| check.port == port);
                    if !same {
                        let verdict = Verdict::unproven();
                        expected.insert(key, Expected { port, verdict, last_start: None });
                    }
                    flying.retain(|(id, _)| Some(*id) != cancelled);
                }
                Step::Remove { key: number } => {
                    let cancelled = roster.remove(&key(number));
                    expected.remove(&key(number));
                    told.remove(&key(number));
                    flying.retain(|(id, _)| Some(*id) != cancelled);
                }
                Step::Wait { millis } => now += Duration::from_millis(millis),
                Step::Finish { index, pass } => {
                    if index < flying.len() {
                        let (id, key) = flying.remove(index);
                        let outcome = if pass { Outcome::Pass } else { fail("bad") };
                        roster.finish(now, id, outcome);
                        let check = expected.get_mut(&key).expect("a flying check is set");
                        check.verdict = match pass {
                            true => Verdict::Passing,
                            false => Verdict::Failing { reason: Reason::new("bad") },
                        };
                    }
                }
                Step::Tell => {
                    if let Some(change) = roster.take_change() {
                        told.insert(change.key, change.verdict);
                    }
                }
            }
            roster.advance(now);
            while let Some(due) = roster.start(now) {
                let key = roster.in_flight[&due.id].key.clone();
                prop_assert!(flying.iter().all(|(_, other)| *other != key), "two at a time");
                let check = expected.get_mut(&key).expect("a started check is set");
                let rested = check.last_start.is_none_or(|last| now >= last + due.check.interval);
                prop_assert!(rested, "probed too soon");
                check.last_start = Some(now);
                flying.push((due.id, key));
            }
            prop_assert!(flying.len() <= PROBES_IN_FLIGHT_MAX);
            prop_assert!(roster.ready.is_empty() || flying.len() == PROBES_IN_FLIGHT_MAX);
        }

        let verdicts: BTreeMap<_, _> =
            expected.into_iter().map(|(key, check)| (key, check.verdict)).collect();
        prop_assert_eq!(told, verdicts);
    }
}
