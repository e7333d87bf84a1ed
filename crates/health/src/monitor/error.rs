//! What can go wrong between a handle and its monitor.

use super::{CHECKS_MAX, Key};

/// Why a monitor did not do what a handle asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The monitor no longer runs, or its owner has dropped the changes.
    #[error("cannot reach the health monitor: it has stopped")]
    Stopped,
    /// There are as many checks as there may be.
    #[error("cannot check the health of {key}: there are already {CHECKS_MAX} checks")]
    TooManyChecks {
        /// The key of the check that was to be set.
        key: Key,
    },
    /// There is no check with this key.
    #[error("cannot take a health report for {key}: no such check is set")]
    UnknownCheck {
        /// The key of the report.
        key: Key,
    },
    /// The check probes; its service does not report.
    #[error("cannot take a health report for {key}: its check probes; set check_ttl instead")]
    NotTtl {
        /// The key of the report.
        key: Key,
    },
}
