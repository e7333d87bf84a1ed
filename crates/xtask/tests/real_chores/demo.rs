//! `cargo xtask demo` cleans up behind itself.

use crate::chore::{Chore, assert_gone};
use rustix::process::Signal;
use std::{io::Read, thread::sleep, time::Duration};

/// Between two presses of a key by somebody who is impatient.
const IMPATIENCE: Duration = Duration::from_millis(20);

/// Ends a demo by signals, at a moment, and looks at what is left.
fn ended_by(signals: &[Signal], moment: impl FnOnce(&mut Chore)) {
    let mut demo = Chore::start(&["demo"]);
    let layout = demo.testbed();
    moment(&mut demo);
    for signal in signals {
        demo.signal(*signal);
        sleep(IMPATIENCE);
    }
    let ended = demo.end();
    assert_eq!(
        ended.status.code(),
        Some(0),
        "{signals:?}: {}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("error"), "{}", ended.stderr);
    assert_gone(&layout, &ended);
}

#[test]
fn a_demo_that_is_told_to_end_while_it_starts_leaves_nothing() {
    for after in [0, 50, 300, 2000].map(Duration::from_millis) {
        ended_by(&[Signal::TERM], |_| sleep(after));
    }
    ended_by(&[Signal::INT; 4], |_| {});
}

#[test]
fn a_demo_that_is_told_to_end_while_it_runs_leaves_nothing() {
    let moments = [
        (Signal::HUP, "A container on each"),
        (Signal::TERM, "Ctrl-C ends it"),
    ];
    for (signal, moment) in moments {
        ended_by(&[signal], |demo| demo.until_said(moment));
    }
}

#[test]
fn an_impatient_person_does_not_stop_the_cleaning() {
    let signals = [Signal::INT, Signal::INT, Signal::INT, Signal::TERM];
    ended_by(&signals, |demo| demo.until_said("Out of service"));
}

#[test]
fn a_reader_that_has_seen_enough_ends_a_demo_well() {
    let (mut demo, mut stdout) = Chore::piped(&["demo", "--once"]);
    let layout = demo.testbed();
    let mut first = [0; 64];
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let ended = demo.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    assert_gone(&layout, &ended);
}
