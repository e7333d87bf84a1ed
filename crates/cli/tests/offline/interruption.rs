use super::dockeeper;
use rustix::process::{Pid, Signal, kill_process};
use std::{net::TcpListener, process::Stdio};

#[test]
fn what_is_ended_early_says_so_as_shells_expect() {
    for (arguments, signal, code) in [
        (&["ps"][..], Signal::INT, 130),
        (&["ps"], Signal::TERM, 143),
        (&["doctor", "--no-docker"], Signal::INT, 130),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut command = dockeeper(arguments);
        let command = command.args(["--zk", &address, "--timeout", "60s"]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        // It has begun when it has connected; nobody answers it.
        let connection = listener.accept().unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{arguments:?}");
        drop(connection);
    }
}
