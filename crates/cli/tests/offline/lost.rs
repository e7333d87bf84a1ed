//! Commands that stay, when their server goes and comes back.

use crate::{program::dockeeper, run, served::Served};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

#[test]
fn who_waits_is_told_when_the_server_has_gone_and_is_back() {
    for (command, begin, consequence) in [
        (&["zk", "watch", "/n"][..], "watching /n", "`resync`"),
        (
            &["zk", "create", "/e", "--mode", "ephemeral"],
            "it is there until",
            "the znode with it",
        ),
        (&["config", "watch", "web"], "watching web", "known last"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = Served::start_in(folder.path(), &[]);
        let address = server.address("listen");
        let set = run(&["config", "set", "web", "A=1", "--zk", &address]);
        assert_eq!(set.code, Some(0), "{}", set.stderr);
        let mut command = dockeeper(command);
        let command = command.args(["--zk", &address]).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut line_with = |part: &str| {
            let line = lines.by_ref().map(Result::unwrap);
            line.into_iter().find(|line| line.contains(part)).unwrap()
        };
        line_with(begin);
        drop(server);
        let lost = line_with("no connection to ZooKeeper");
        assert!(lost.contains(consequence), "{lost}");

        let _again = Served::start_in(folder.path(), &["--listen", &address]);
        line_with("connected to ZooKeeper again");
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}
