//! How the program ends: the one place that knows its exit codes.

use dockeeper_config::store;
use dockeeper_engine as engine;
use std::{fmt, io, process::ExitCode};

use crate::{interrupt::Interrupted, output};

/// What `dockeeper --help` says of the exit codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done; also when --watch is ended with Ctrl-C, and when the output's reader has gone
  1  another failure
  2  the command line, a variable of the environment or the configuration file is wrong
  3  nothing found: discover without an instance, an unknown name or znode, no data of Dockeeper's
  4  ZooKeeper could not be reached in time
  5  ZooKeeper refused: credentials or access control lists
  6  Docker could not be reached, or its address or its TLS files cannot be used
  7  done in part: some znodes may not be read, and are named, or rm -r failed half-way
  8  somebody else's release came in between: --expect-release, edit, and --wait
  9  --wait: the rollout has stopped, or containers have failed with the release
  10  --wait: the release was taken back
  124  not acquired, not open, or not rolled out, within --wait
  125  the lock was lost, or could have been, and so the command was ended
  126, 127  the command after -- cannot be run, or is not there
  129, 130, 131, 143  ended by SIGHUP, Ctrl-C, SIGQUIT or SIGTERM before it was done
What runs a command ends with the command's code, or 128 and the signal's number.";

/// The exit codes. Scripts depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Anything without a code of its own.
    Failure = 1,
    /// The command line, the environment or the configuration file is wrong; clap uses the same.
    Usage = 2,
    /// What was asked for is not there.
    NotFound = 3,
    /// ZooKeeper could not be reached in time.
    Unreachable = 4,
    /// ZooKeeper refused.
    Refused = 5,
    /// Docker could not be reached, or not with these settings.
    Docker = 6,
    /// Done but for some znodes, which may not be read, or could not be deleted.
    Partial = 7,
    /// Somebody else's release came in between.
    Overtaken = 8,
    /// A rollout has stopped, or containers have failed with the release.
    RolloutFailed = 9,
    /// A release was taken back.
    RolledBack = 10,
    /// What was waited for did not come in time; timeout(1) uses the same.
    TimedOut = 124,
    /// A lock was lost while a command ran.
    Lost = 125,
}

/// A command that was run has ended with this code, which becomes the program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the command ended with code {0}")]
pub(crate) struct CommandEnded(pub(crate) u8);

/// A failure that knows its exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) message: String,
}

// === impl Failure ===

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Says what went wrong, and ends the program.
pub(crate) fn report(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    if is_broken_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    if let Some(interrupted) = error.downcast_ref::<Interrupted>() {
        return interrupted.code().into();
    }
    if let Some(CommandEnded(code)) = error.downcast_ref() {
        return (*code).into();
    }
    output::note(&format!("error: {error:#}"));
    (code(&error) as u8).into()
}

fn code(error: &anyhow::Error) -> Code {
    let code = |cause: &(dyn std::error::Error + 'static)| {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return Some(failure.code);
        }
        if let Some(error) = cause.downcast_ref() {
            return of_store(error);
        }
        let is_engine = cause.downcast_ref::<engine::Error>().is_some();
        is_engine.then_some(Code::Docker)
    };
    error.chain().find_map(code).unwrap_or(Code::Failure)
}

fn of_store(error: &store::Error) -> Option<Code> {
    match error {
        store::Error::NoApp(_)
        | store::Error::NoRelease { .. }
        | store::Error::NothingBefore { .. } => Some(Code::NotFound),
        store::Error::Overtaken { .. } => Some(Code::Overtaken),
        _ => None,
    }
}

/// Whether the reader of the standard output has gone, as `head` does: it has what it wanted.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_failure_keeps_its_code_below_its_context() {
        let failed = Err::<(), _>(Failure::not_found("x")).context("while looking");
        assert_eq!(code(&failed.unwrap_err()), Code::NotFound);
        assert_eq!(code(&anyhow::anyhow!("x")), Code::Failure);
        let engine = engine::Error::Unreachable {
            host: "unix:///x".to_owned(),
            reason: "gone".to_owned(),
            hint: None,
        };
        assert_eq!(code(&engine.into()), Code::Docker);
    }

    #[test]
    fn a_reader_that_has_gone_is_no_failure() {
        let gone = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(&anyhow::Error::new(gone).context("x")));
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(!is_broken_pipe(&full.into()));
    }

    #[test]
    fn the_help_names_every_code() {
        for code in [
            Code::Failure,
            Code::Usage,
            Code::NotFound,
            Code::Unreachable,
            Code::Refused,
            Code::Docker,
            Code::Partial,
            Code::Overtaken,
            Code::RolloutFailed,
            Code::RolledBack,
            Code::TimedOut,
            Code::Lost,
        ] {
            assert!(HELP.contains(&format!("\n  {}  ", code as u8)), "{code:?}");
        }
    }
}
