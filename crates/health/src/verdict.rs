//! Outcomes of probes and the verdicts drawn from them.

use std::fmt;

use crate::reason::Reason;

/// How one probe ended, or what a service reported about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The instance works.
    Pass,
    /// It does not, or did not answer in time.
    Fail(Reason),
}

impl From<Result<(), Reason>> for Outcome {
    fn from(result: Result<(), Reason>) -> Self {
        match result {
            Ok(()) => Self::Pass,
            Err(reason) => Self::Fail(reason),
        }
    }
}

/// Whether an instance is to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The instance is to be used.
    Passing,
    /// The instance is to be left out.
    Failing {
        /// Why: the outcome that brought the verdict about.
        reason: Reason,
    },
}

impl Verdict {
    /// The verdict on an instance about which nothing is known yet: failing.
    #[must_use]
    pub fn unproven() -> Self {
        Self::Failing {
            reason: Reason::new("no outcome is known yet"),
        }
    }

    /// Whether the instance is to be used.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        *self == Self::Passing
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passing => formatter.write_str("passing"),
            Self::Failing { reason } => write!(formatter, "failing: {reason}"),
        }
    }
}
