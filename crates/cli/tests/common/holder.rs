use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

/// For what takes a moment, on a machine with other things to do.
const LIMIT: Duration = Duration::from_secs(60);

/// A program that runs a command under a lock.
pub(crate) struct Holder {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Holder {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// The next line of the command.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "it has ended");
        line.trim_end().to_owned()
    }

    /// A line that is a process id.
    pub(crate) fn pid(&mut self) -> Pid {
        Pid::from_raw(self.line().parse().unwrap()).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Its exit code, when it has ended, and what it said on the standard error.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut stderr = String::new();
        let status = self.child.wait().unwrap();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut stderr).unwrap();
        (status.code(), stderr)
    }
}

/// Waits until it is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = tokio::time::Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < LIMIT, "still not: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until a process is gone.
pub(crate) fn gone(pid: Pid) {
    until("the process is gone", || test_kill_process(pid).is_err());
}
