use crate::{
    holder::Holder,
    program::{self, Ended},
};
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    thread,
};
use tempfile::TempDir;

/// A server.
pub(crate) struct Keeper {
    child: Child,
    pub(crate) address: String,
    _directory: TempDir,
}

impl Keeper {
    /// On any free port; with a short tick, so that sessions can be short.
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let arguments = ["keeper", "--listen", "127.0.0.1:0", "--tick", "500ms"];
        let mut command = program::dockeeper(&arguments);
        command.arg("--data-dir").arg(directory.path());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "the keeper ended");
            if let Some((_, rest)) = line
                .split_once("listen=")
                .filter(|_| line.contains(" ready "))
            {
                break rest.split_whitespace().next().unwrap().to_owned();
            }
        };
        // A full pipe would stop it.
        thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Self {
            child,
            address,
            _directory: directory,
        }
    }

    /// The program with this server.
    pub(crate) fn dockeeper(&self, arguments: &[&str]) -> Command {
        let mut command = program::dockeeper(arguments);
        command.env("DOCKEEPER_ZK", &self.address);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.dockeeper(arguments).output().unwrap().into()
    }

    /// Runs a command while something is held.
    pub(crate) fn hold(&self, arguments: &[&str]) -> Holder {
        Holder::start(self.dockeeper(arguments))
    }

    /// With a lock named `x`, and a script for the shell.
    pub(crate) fn script(&self, options: &[&str], script: &str) -> Holder {
        let command = ["--", "sh", "-c", script];
        self.hold(&[&["lock", "run", "x"], options, &command].concat())
    }

    /// Whether anybody holds or waits for a lock.
    pub(crate) fn is_free(&self, name: &str) -> bool {
        self.run(&["lock", "show", name]).code == Some(3)
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // It may have been killed already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
