//! Why a call to an engine failed.

use std::time::Duration;

use crate::ContainerId;

/// Why a call to an engine failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The settings do not name an engine.
    #[error("{setting} is {value:?}: {reason}")]
    Config {
        /// The setting, e.g. `DOCKER_HOST`, as the person who gave it knows it.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },

    /// No connection to the engine came about, or it broke.
    #[error("cannot reach the Docker engine at {host}: {reason}{}", Hint(.hint))]
    Unreachable {
        /// Where it was looked for, as in `DOCKER_HOST`.
        host: String,
        /// What the operating system or the TLS layer said.
        reason: String,
        /// What to do about it, where that is known.
        hint: Option<&'static str>,
    },

    /// The engine refused the request.
    #[error("the Docker engine at {host} refused to {request}: {message} (status {status})")]
    Refused {
        /// Where the engine is, as in `DOCKER_HOST`.
        host: String,
        /// What it was asked to do, e.g. `inspect container 0123456789ab`.
        request: String,
        /// The HTTP status.
        status: u16,
        /// The engine's own words.
        message: String,
    },

    /// The engine took too long.
    #[error("the Docker engine at {host} did not {request} within {limit:?}")]
    Timeout {
        /// Where the engine is, as in `DOCKER_HOST`.
        host: String,
        /// What it was asked to do.
        request: String,
        /// The time limit.
        limit: Duration,
    },

    /// What came back is not what a Docker engine answers.
    #[error(
        "asked to {request}, {host} gave an answer that is not a Docker engine's: {reason}; \
         is something else listening there?"
    )]
    Malformed {
        /// Where the engine should be, as in `DOCKER_HOST`.
        host: String,
        /// What it was asked to do.
        request: String,
        /// What is wrong with the answer.
        reason: String,
    },

    /// A command inside a container did not end in time. It is killed where that can be done from
    /// here, and keeps running where not.
    #[error("{command:?} in container {} still ran after {limit:?}", .container.short())]
    ExecTimedOut {
        /// The container.
        container: ContainerId,
        /// The command's first word: its arguments may hold secrets.
        command: String,
        /// The time limit.
        limit: Duration,
    },

    /// A command inside a container is not started, because its last run has not ended.
    #[error(
        "the last one, {command:?} in container {}, is still running after {lasts:.1?}",
        .container.short()
    )]
    ExecUnfinished {
        /// The container.
        container: ContainerId,
        /// The command's first word: its arguments may hold secrets.
        command: String,
        /// How long it has been running.
        lasts: Duration,
    },
}

/// A hint behind a reason.
struct Hint<'a>(&'a Option<&'static str>);

impl std::fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}
