//! Containers that are told to stop.

use super::*;
use crate::host::{settings::STOP_HOLD_DEFAULT, tests::signalled};

const HOLD_MS: u64 = 1000 * STOP_HOLD_DEFAULT.as_secs();

impl Desk {
    /// A signal is heard, `ms` milliseconds after the beginning.
    fn signal(&mut self, id: ContainerId, signal: i32, ms: u64) {
        let heard = after(self.began, ms);
        self.catalog.signalled(id, signalled(signal, heard));
        self.settle();
    }

    fn doubt_stops(&mut self, ms: u64) -> Vec<ContainerId> {
        self.catalog.doubt_stops(after(self.began, ms).at)
    }
}

#[test]
fn a_stop_takes_it_out_until_it_runs_anew() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    desk.signal(web.id, 1, 1000);
    assert!(desk.is_found(), "SIGHUP is no stop");
    desk.signal(web.id, 15, 1000);
    assert!(!desk.is_found());
    desk.put(Container {
        health_output: "inspected again meanwhile".into(),
        ..web.clone()
    });
    assert!(!desk.is_found());
    desk.put(Container {
        started_at_ms: 99,
        ..web.clone()
    });
    assert!(desk.is_found());
}

#[test]
fn a_stop_that_never_comes_is_forgotten_when_docker_says_so() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    desk.signal(web.id, 15, 1000);
    assert_eq!(desk.doubt_stops(999 + HOLD_MS), []);
    desk.put(web.clone());
    assert!(!desk.is_found(), "it may still be about to end");
    assert_eq!(desk.doubt_stops(1000 + HOLD_MS), [web.id]);
    assert_eq!(desk.doubt_stops(1000 + 100 * HOLD_MS), [], "asked already");
    desk.settle();
    assert!(!desk.is_found(), "Docker has not answered");
    desk.put(web);
    desk.settle();
    assert!(desk.is_found());
}

#[test]
fn a_stop_that_is_tried_again_is_held_anew() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    desk.signal(web.id, 15, 1000);
    let recorded = desk.znodes.clone();
    assert_eq!(desk.doubt_stops(1000 + HOLD_MS), [web.id]);
    desk.signal(web.id, 15, 1001 + HOLD_MS);
    desk.put(web.clone());
    assert_eq!(desk.znodes, recorded, "it is told what it was told before");
    assert_eq!(desk.doubt_stops(1001 + 2 * HOLD_MS), [web.id]);
}

#[test]
fn a_signal_that_is_heard_before_its_container_is_known_counts() {
    // When it was sent, whether the container is known by then, and whether its stop begins.
    for (sent_ms, is_known, expected) in [
        (10_000, false, true),
        (10_000, true, true),
        // It was of an earlier run.
        (4_999, false, false),
        (4_999, true, false),
        // It has come to nothing long ago.
        (6_000, false, false),
        (6_000, true, false),
    ] {
        let mut desk = Desk::new();
        let web = Container {
            started_at_ms: 5_000,
            ..web()
        };
        if is_known {
            desk.put(web.clone());
        }
        let late = Signalled {
            sent_ms,
            is_late: true,
            ..signalled(15, after(desk.began, 9_000 + HOLD_MS))
        };
        desk.catalog.signalled(web.id, late);
        desk.put(web.clone());
        desk.settle();
        assert_eq!(!desk.is_found(), expected, "{sent_ms} {is_known}");
        // It counts once.
        desk.catalog.remove(&web.id);
        desk.put(web);
        assert!(desk.is_found());
    }
}

#[test]
fn a_stop_that_was_recorded_goes_on() {
    let mut desk = Desk::new();
    let web = web();
    desk.put(web.clone());
    desk.signal(web.id, 15, 1000);
    let path = format!("/containers/h1/{}", web.id);
    assert!(desk.znodes.contains_key(&path));
    let mut next = desk.restarted(std::slice::from_ref(&web));
    assert_eq!(next.znodes, desk.znodes);
    // What is left of its hold is counted from the restart on, whatever the wall clock does.
    assert_eq!(next.doubt_stops(999 + HOLD_MS), []);
    assert_eq!(next.doubt_stops(1000 + HOLD_MS), [web.id]);
}
