//! The command's end when the program itself is killed or frozen.

use crate::{holder::gone, keeper::Keeper};
use rustix::process::Signal;

#[test]
fn a_killed_program_takes_the_command_along() {
    let keeper = Keeper::start();
    let script = "sleep 1000 & echo $!; echo $$; wait";
    let mut holder = keeper.script(&[], script);
    let (background, command) = (holder.pid(), holder.pid());
    holder.signal(Signal::KILL);
    assert_eq!(holder.end().0, None);
    gone(command);
    gone(background);
}

#[test]
fn a_frozen_program_loses_the_lock_and_its_command_before_another_has_it() {
    let keeper = Keeper::start();
    let options = ["--session-timeout", "4s"];
    let script = "sleep 1000 & echo $!; echo $$; wait; echo acted";
    let mut frozen = keeper.script(&options, script);
    let (background, command) = (frozen.pid(), frozen.pid());
    frozen.signal(Signal::STOP);
    // Nothing of the command is left when the next one begins, although the first has not woken.
    let check = format!("kill -0 {background} || kill -0 {command}");
    let next = ["lock", "run", "x", "--", "sh", "-c"];
    let next = keeper.run(&[&next[..], &[check.as_str()]].concat());
    assert_eq!(next.code, Some(1), "{}", next.stderr);
    assert!(!frozen.has_ended());
    frozen.signal(Signal::CONT);
    let (code, stderr) = frozen.end();
    assert_eq!(code, Some(125), "{stderr}");
    gone(command);
}

#[test]
fn the_guard_is_known_by_its_name() {
    let keeper = Keeper::start();
    let mut holder = keeper.script(&[], "echo $PPID; exec sleep 1000");
    let guard = holder.pid();
    let name = std::fs::read_to_string(format!("/proc/{guard}/comm")).unwrap();
    assert_eq!(name, "dockeeper-guard\n");
    holder.signal(Signal::TERM);
    assert_eq!(holder.end().0, Some(143));
}
