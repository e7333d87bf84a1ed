//! A keeper that runs, and what it logs.

use super::dockeeper;
use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// More than anything takes that is logged here.
const LIMIT: Duration = Duration::from_secs(30);

/// A keeper for as long as the test runs.
pub(crate) struct Served {
    child: Child,
    lines: Receiver<String>,
    ready: String,
    _directory: TempDir,
}

// === impl Served ===

impl Served {
    /// Starts one, and waits until it is ready.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = dockeeper(&["keeper", "--data-dir"]);
        let command = command.arg(directory.path()).args(arguments);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let log = BufReader::new(child.stderr.take().unwrap());
        // Ends with the keeper.
        thread::spawn(move || {
            for line in log.lines() {
                let _ = sender.send(line.unwrap());
            }
        });
        let mut served = Self {
            child,
            lines,
            ready: String::new(),
            _directory: directory,
        };
        served.ready = served.line_with(" ready ");
        served
    }

    /// The next line that has such a part.
    pub(crate) fn line_with(&self, part: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(LIMIT);
            let line = line.unwrap_or_else(|why| panic!("no line with {part:?}: {why}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Where it listens; `kind` is the log's word for it.
    pub(crate) fn address(&self, kind: &str) -> String {
        let (_, rest) = self.ready.split_once(&format!(" {kind}=")).unwrap();
        rest.split(' ').next().unwrap().to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
