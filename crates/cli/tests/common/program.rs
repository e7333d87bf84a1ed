use std::process::{Command, Output};

/// The program in an environment of its own. It does not become a driver of this machine's Docker.
pub(crate) fn dockeeper(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockeeper"));
    command.env_clear().args(arguments);
    command.env("DOCKEEPER_PLUGIN_SOCKET", "none");
    command
}

/// What came of a program.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

// === impl Ended ===

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
