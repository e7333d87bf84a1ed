//! A keeper that runs, and what it logs.

use crate::program::dockeeper;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// More than anything takes that is logged here.
const LIMIT: Duration = Duration::from_secs(30);

/// A keeper for as long as the test runs, unless the test ends it.
pub(crate) struct Served {
    pub(crate) child: Child,
    lines: Receiver<String>,
    ready: String,
    /// Removed behind it, where the test keeps none.
    _directory: Option<TempDir>,
}

// === impl Served ===

impl Served {
    /// Starts one in a directory of its own, and waits until it is ready: on any free port, unless
    /// the arguments say otherwise.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut served = Self::start_in(directory.path(), arguments);
        served._directory = Some(directory);
        served
    }

    /// The same in a directory that the test keeps.
    pub(crate) fn start_in(directory: &Path, arguments: &[&str]) -> Self {
        let mut command = dockeeper(&["keeper", "--data-dir"]);
        command.arg(directory).args(arguments);
        command.env("DOCKEEPER_KEEPER_LISTEN", "127.0.0.1:0");
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
            _directory: None,
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
