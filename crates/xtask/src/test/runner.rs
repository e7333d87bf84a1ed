//! The program that runs the tests: nextest where it is installed, cargo alone elsewhere.

use super::{Arguments, REAL, plain};
use crate::{
    command::{cargo, run as run_command, succeeds},
    kazoo, output, program,
    workspace::Workspace,
};
use anyhow::Result;
use dockeeper_testbed::KEEPER_VARIABLE;
use std::{path::PathBuf, process::Command};

/// Which targets hold the main job's tests, beside the client's that it stands on.
const MAIN_JOB: [&str; 6] = [
    "real_commands",
    "real_controller",
    "real_locks",
    "real_registration",
    "real_store",
    "real_zookeeper",
];

/// Modules of theirs that are about Apache's own servers: ensembles, their TLS, read-only ones.
const APACHES_OWN: [&str; 3] = ["ensemble::", "read_only::", "tls::"];

/// What runs the tests, and what they are given.
pub(super) struct Runner {
    workspace: Workspace,
    has_nextest: bool,
    kazoo: Option<PathBuf>,
}

// === impl Runner ===

impl Runner {
    pub(super) fn new(workspace: Workspace) -> Self {
        let has_nextest = succeeds(cargo("nextest").arg("--version"));
        if !has_nextest {
            output::note(
                "cargo-nextest is not installed; `cargo test` takes its place and is slower \
                 (`cargo install cargo-nextest --locked` takes some minutes once)",
            );
        }
        Self {
            workspace,
            has_nextest,
            kazoo: None,
        }
    }

    /// The Python that has kazoo's test suite.
    pub(super) fn with_kazoo(self, kazoo: Option<PathBuf>) -> Self {
        Self { kazoo, ..self }
    }

    /// Which tests a profile has, and its limits, is in `.config/nextest.toml`.
    pub(super) fn run(&self, arguments: &Arguments) -> Result<()> {
        if !self.has_nextest {
            return plain::run(self.parts(arguments));
        }
        let profile = if arguments.quick { "default" } else { "real" };
        let mut command = cargo("nextest");
        command.args(["run", "--workspace", "--no-fail-fast", "--profile", profile]);
        match &self.kazoo {
            Some(python) => {
                command.env(kazoo::VARIABLE, python);
            }
            None if arguments.quick => {}
            None => {
                command.args(["-E", &format!("not test(/^{}/)", kazoo::MODULE)]);
            }
        }
        run_command(command.args(arguments.rest()))
    }

    /// The main job's tests, with the keeper in the place of Apache's server.
    pub(super) fn run_against_the_keeper(&self, arguments: &Arguments) -> Result<()> {
        let program = program::build()?;
        if !self.has_nextest {
            let mut part = plain::part(&[], &MAIN_JOB, arguments);
            if arguments.filters.is_empty() {
                part.arg("--");
            }
            part.args(APACHES_OWN.iter().flat_map(|module| ["--skip", module]));
            part.env(KEEPER_VARIABLE, program);
            return plain::run(vec![plain::as_real(part)]);
        }
        let mut command = cargo("nextest");
        command.args([
            "run",
            "--workspace",
            "--no-fail-fast",
            "--profile",
            "keeper",
        ]);
        // A filter may name tests that have nothing to do with it.
        command.arg("--no-tests=pass");
        command.env(KEEPER_VARIABLE, program);
        run_command(command.args(arguments.rest()))
    }

    /// What nextest would run, in the same order of kinds: cheap ones first.
    fn parts(&self, arguments: &Arguments) -> Vec<Command> {
        let targets = self.workspace.test_targets().into_iter();
        let (real, others): (Vec<_>, Vec<_>) = targets.partition(|name| name.starts_with(REAL));
        let cheap = plain::part(&["--lib", "--bins"], &others, arguments);
        let mut parts = vec![cheap];
        if !arguments.quick && !real.is_empty() {
            let mut part = plain::part(&[], &real, arguments);
            match &self.kazoo {
                Some(python) => {
                    part.env(kazoo::VARIABLE, python);
                }
                None => {
                    if arguments.filters.is_empty() {
                        part.arg("--");
                    }
                    part.args(["--skip", kazoo::MODULE]);
                }
            }
            parts.push(plain::as_real(part));
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_runs_the_same_tests_against_the_keeper() {
        let profiles = include_str!("../../../../.config/nextest.toml");
        let targets = MAIN_JOB
            .map(|target| format!("binary({target})"))
            .join(" | ");
        let modules = APACHES_OWN.map(|module| module.trim_end_matches("::"));
        let modules = modules.join("|");
        let filter = format!("({targets}) & not test(/^({modules})::/)");
        // Its lines are broken somewhere.
        let profiles: Vec<_> = profiles.split_whitespace().collect();
        assert!(profiles.join(" ").contains(&filter), "{filter}");
    }
}
