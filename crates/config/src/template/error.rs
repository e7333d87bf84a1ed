use super::{STEPS_MAX, facts::Unavailable};
use std::fmt;

/// A template could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The file in which it went wrong: the template, or what it includes.
    pub file: String,
    /// The line, counted from 1; `None` where it is none line's fault.
    pub line: Option<usize>,
    /// What went wrong.
    pub why: Why,
}

/// Why a template could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The template is wrong, or an undefined value was used.
    #[error("{0}")]
    Wrong(String),
    /// Something is not known at the moment. It may be later.
    #[error("{0}")]
    Unavailable(#[from] Unavailable),
    /// It takes too many steps.
    #[error(
        "the bundle's templates take more than {STEPS_MAX} steps together, and were stopped here: \
         is there a loop without end?"
    )]
    Steps,
    /// It writes too much.
    #[error("it writes more than {max} bytes: large content belongs into a data volume")]
    TooLong {
        /// The limit in bytes.
        max: usize,
    },
    /// The file is not UTF-8.
    #[error("it is not UTF-8 text: give it a name without .j2 to have it delivered as it is")]
    NotText,
}

// === impl Error ===

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.why)
    }
}

impl std::error::Error for Error {}
