use crate::{
    holder::Holder,
    program::{self, Ended},
    served::Served,
};
use std::process::Command;

/// A server, and the program with it.
pub(crate) struct Keeper {
    served: Served,
    pub(crate) address: String,
}

impl Keeper {
    /// With a short tick, so that sessions can be short.
    pub(crate) fn start() -> Self {
        let served = Served::start(&["--tick", "500ms"]);
        let address = served.address("listen");
        Self { served, address }
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
        self.served.child.kill().unwrap();
        self.served.child.wait().unwrap();
    }
}
