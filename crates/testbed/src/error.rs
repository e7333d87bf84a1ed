//! What can go wrong with a testbed.

use std::{
    fmt, io, os::unix::process::ExitStatusExt, path::PathBuf, process::ExitStatus, time::Duration,
};

/// The result of a testbed's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a testbed could not be started, changed or ended.
///
/// Its `Debug` form is its text, as tests unwrap it and a log is unreadable with its line breaks
/// escaped. What the system said is part of the text and not a source besides, so that who prints
/// a chain of causes does not print it twice.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory could not be read, written or removed.
    #[error("cannot {action} {}: {error}", path.display())]
    File {
        /// What was tried, such as `write`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A program could not be started at all.
    #[error("cannot run `{command}`: {error}; `cargo xtask testbed up` installs what is missing")]
    Run {
        /// The command line.
        command: String,
        /// What the system said.
        error: io::Error,
    },
    /// A program ran and failed.
    #[error("`{command}` failed ({status}): {stderr}")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to its standard error.
        stderr: String,
    },
    /// A condition did not come true within its limit.
    #[error("{what}: not within {limit:?}; last seen: {last}")]
    Timeout {
        /// What was waited for.
        what: String,
        /// For how long.
        limit: Duration,
        /// What was seen instead.
        last: String,
    },
    /// A process ended that was meant to stay.
    #[error("the process has ended ({0})")]
    Ended(ExitStatus),
    /// A step of the start of a daemon failed.
    #[error("{step}: {error}\n--- the end of {}\n{tail}", log.display())]
    Start {
        /// Which step of which node.
        step: String,
        /// The daemon's log.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
        /// Why the step failed.
        error: Box<Error>,
    },
    /// A process could not be signalled.
    #[error("cannot signal process {pid}: {error}")]
    Signal {
        /// The process.
        pid: u32,
        /// What the system said.
        error: io::Error,
    },
    /// Every number that a testbed can have is taken.
    #[error("all {0} testbeds of this machine are in use; `cargo xtask testbed down` ends them")]
    Full(u8),
    /// More nodes were asked for than a testbed's subnet has room for.
    #[error("{asked} {what} were asked for, and a testbed has at most {most}")]
    TooMany {
        /// `hosts` or `ZooKeeper servers`.
        what: &'static str,
        /// How many were asked for.
        asked: u8,
        /// How many there can be.
        most: u8,
    },
    /// An ensemble of two servers was asked for.
    #[error(
        "2 ZooKeeper servers were asked for: both would have to run for either to serve, which is \
         worse than one; ask for 1, 3 or 5"
    )]
    TwoServers,
    /// Something was asked of a host that was killed.
    #[error("host {0} is dead; call `revive` first")]
    HostDead(String),
    /// The machine lacks something; the text says what and what to do.
    #[error("{0}")]
    Prerequisite(String),
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error {
    /// Whether a program was ended by a signal, and might do better the next time.
    pub(crate) fn is_by_signal(&self) -> bool {
        matches!(self, Self::Command { status, .. } if status.signal().is_some())
    }

    /// For `map_err` on an operation on a file.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File {
            action,
            path,
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let error = Error::Start {
            step: "boot of h1".into(),
            log: "/log".into(),
            tail: String::new(),
            error: Box::new(Error::file("write", "/run/x")(denied())),
        };
        assert_eq!(error.to_string().matches("permission denied").count(), 1);
        assert!(std::error::Error::source(&error).is_none());
    }
}
