//! What is shown of those who hold and wait.

use crate::{holder::until, keeper::Keeper};
use rustix::process::Signal;
use serde_json::Value;

const READY: &str = "echo ready; exec sleep 1000";

fn json(keeper: &Keeper, arguments: &[&str]) -> Value {
    let ended = keeper.run(&[arguments, &["-o", "json"]].concat());
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn other_commands_take_the_paths_that_are_shown() {
    let keeper = Keeper::start();
    let mut holder = keeper.script(&[], READY);
    assert_eq!(holder.line(), "ready");
    let shown = keeper.run(&["lock", "show", "x", "-o", "name"]);
    let znode = shown.stdout.trim_end();
    assert_eq!(keeper.run(&["zk", "stat", znode]).code, Some(0), "{znode}");
    assert_eq!(json(&keeper, &["lock", "show", "x"])[0]["znode"], znode);
    assert_eq!(
        json(&keeper, &["lock", "ls"])[0]["holders"][0]["znode"],
        znode
    );
    let late = ["lock", "run", "x", "--wait", "0", "--", "true"];
    let late = keeper.run(&late).stderr;
    assert!(late.contains("/dockeeper/locks/x is taken"), "{late}");
    let broken = keeper.run(&["lock", "break", "x"]).stderr;
    assert!(broken.contains(znode), "{broken}");
    assert_eq!(holder.end().0, Some(125));
}

#[test]
fn a_lock_with_a_foreign_child_is_shown_and_broken() {
    const FOREIGN: &str = "/dockeeper/locks/x/somebody-elses";
    let keeper = Keeper::start();
    let mut holder = keeper.script(&[], READY);
    assert_eq!(holder.line(), "ready");
    assert_eq!(keeper.run(&["zk", "create", FOREIGN]).code, Some(0));
    for look in [&["lock", "ls"][..], &["lock", "show", "x"]] {
        let shown = keeper.run(look);
        assert_eq!((shown.code, shown.stdout.lines().count()), (Some(0), 2));
        assert!(shown.stderr.contains(FOREIGN), "{}", shown.stderr);
        assert!(shown.stderr.contains("dockeeper zk rm"), "{}", shown.stderr);
    }
    let broken = keeper.run(&["lock", "break", "x"]);
    assert_eq!(broken.code, Some(0), "{}", broken.stderr);
    assert_eq!(holder.end().0, Some(125));
    // Nobody holds it, but nobody gets it either.
    let listed = keeper.run(&["lock", "ls"]);
    assert_eq!((listed.code, listed.stdout.as_str()), (Some(0), ""));
    assert!(listed.stderr.contains(FOREIGN), "{}", listed.stderr);
    assert!(!listed.stderr.contains("nobody holds"), "{}", listed.stderr);
    for look in ["show", "break"] {
        let refused = keeper.run(&["lock", look, "x"]);
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains(FOREIGN), "{}", refused.stderr);
    }
    assert_eq!(keeper.run(&["zk", "rm", FOREIGN]).code, Some(0));
    assert_eq!(
        keeper.run(&["lock", "run", "x", "--", "true"]).code,
        Some(0)
    );
}

#[test]
fn what_may_not_be_seen_is_left_out_and_named() {
    let keeper = Keeper::start();
    let mut holder = keeper.script(&[], READY);
    assert_eq!(holder.line(), "ready");
    let protect = |path: &str| {
        let acl = "digest:me:aGFzaA==:cdrwa";
        let created = keeper.run(&["zk", "create", path, "--acl", acl]);
        assert_eq!(created.code, Some(0), "{}", created.stderr);
    };
    protect("/dockeeper/locks/secret");
    protect("/dockeeper/locks/x/lock-0000000007");
    let listed = keeper.run(&["lock", "ls"]);
    assert_eq!(listed.code, Some(7), "{}", listed.stderr);
    let named = listed.stderr.contains("\n  /dockeeper/locks/secret\n");
    assert!(named, "{}", listed.stderr);
    // Of one whose data may not be seen it is known that it contends.
    let line = listed.stdout.lines().nth(1).unwrap();
    assert!(line.starts_with("x ") && line.ends_with('1'), "{line}");
    let hidden = keeper.run(&["lock", "show", "secret"]);
    assert_eq!(hidden.code, Some(5), "{}", hidden.stderr);
    holder.signal(Signal::TERM);
    assert_eq!(holder.end().0, Some(143));
}

#[test]
fn semaphores_with_kazoos_names_are_listed_and_told_from_curators() {
    let keeper = Keeper::start();
    let run = |names, wait: &[&'static str], script| {
        let options = ["semaphore", "run", "s", "--permits", "1", "--names", names];
        [&options[..], wait, &["--", "sh", "-c", script]].concat()
    };
    let mut holder = keeper.hold(&run("kazoo", &[], READY));
    assert_eq!(holder.line(), "ready");
    let second = keeper.run(&run("curator", &["--wait", "0"], "echo second"));
    assert_eq!((second.code, second.stdout.as_str()), (Some(1), ""));
    let why = "not one of Curator's";
    assert!(second.stderr.contains(why), "{}", second.stderr);
    let waiter = keeper.hold(&run("kazoo", &[], READY));
    let counts = || {
        let listed = json(&keeper, &["semaphore", "ls"]);
        assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
        ["holders", "waiting"].map(|key| listed[0][key].as_array().unwrap().len())
    };
    until("one waits", || counts() == [1, 1]);
    for one in [waiter, holder] {
        one.signal(Signal::TERM);
        assert_eq!(one.end().0, Some(143));
    }
}

#[test]
fn who_has_waited_tells_since_when_it_holds() {
    const LONG_MS: i64 = 1000;
    let keeper = Keeper::start();
    let mut first = keeper.script(&[], READY);
    assert_eq!(first.line(), "ready");
    let mut second = keeper.script(&[], READY);
    let shown = || json(&keeper, &["lock", "show", "x"]);
    until("the second waits", || shown()[1]["isHolder"] == false);
    let came_ms = shown()[1]["sinceMs"].as_i64().unwrap();
    until("it has waited", || {
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        i64::try_from(now.as_millis()).unwrap() > came_ms + 2 * LONG_MS
    });
    first.signal(Signal::TERM);
    assert_eq!(first.end().0, Some(143));
    assert_eq!(second.line(), "ready");
    until("the second tells since when it holds", || {
        let shown = &shown()[0];
        let [came, held] = ["sinceMs", "heldSinceMs"].map(|key| shown[key].as_i64().unwrap());
        held - came >= LONG_MS
    });
    second.signal(Signal::TERM);
    assert_eq!(second.end().0, Some(143));
}
