//! Waiting, when the server goes and comes back.

use crate::{
    holder::until,
    program::{Ended, dockeeper},
    served::Served,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

#[test]
fn who_waits_is_told_when_the_server_has_gone_and_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start_in(folder.path(), &[]);
    let address = server.address("listen");
    let run = |arguments: &[&str]| -> Ended {
        let mut command = dockeeper(arguments);
        command.args(["--zk", &address]).output().unwrap().into()
    };
    // A holder that does not need the server to live.
    let holder = "/dockeeper/locks/x/lock-0000000000";
    let created = run(&["zk", "create", "--parents", holder]);
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    let mut command = dockeeper(&["lock", "run", "x", "--zk", &address, "--", "true"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    until("it waits", || {
        let shown = run(&["lock", "show", "x", "-o", "name"]);
        shown.stdout.lines().count() == 2
    });
    drop(server);
    let lost = lines.next().unwrap().unwrap();
    assert!(lost.contains("no connection to ZooKeeper"), "{lost}");
    let _again = Served::start_in(folder.path(), &["--listen", &address]);
    let back = lines.next().unwrap().unwrap();
    assert!(back.contains("connected to ZooKeeper again"), "{back}");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
