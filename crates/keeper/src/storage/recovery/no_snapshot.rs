use crate::storage::snapshot::Unusable;
use std::{fmt, path::PathBuf};

/// There is no snapshot from which the log goes on.
#[derive(Debug)]
pub struct NoSnapshot {
    /// The data directory.
    pub directory: PathBuf,
    /// The snapshots that cannot be used, and why, the newest first.
    pub unusable: Vec<Unusable>,
    /// One before those, behind which the log has a gap.
    pub older: Option<PathBuf>,
    /// The oldest segment, if there is one.
    pub oldest_log: Option<PathBuf>,
    /// The first and the last transaction that is missing before that.
    pub missing: Option<(i64, i64)>,
}

// === impl NoSnapshot ===

impl std::error::Error for NoSnapshot {}

impl fmt::Display for NoSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unusable.is_empty() {
            write!(f, "there is no snapshot in {}. ", self.directory.display())?;
        }
        for why in &self.unusable {
            write!(f, "{why}. ")?;
        }
        match (&self.oldest_log, self.missing) {
            (Some(log), Some((first, last))) => {
                write!(f, "The log alone does not make up for that: ")?;
                write!(f, "its oldest file is {}, and ", log.display())?;
                write!(
                    f,
                    "transactions {first:#x} to {last:#x} are missing before it"
                )?;
                if let Some(older) = &self.older {
                    write!(f, ", behind {}", older.display())?;
                }
                write!(
                    f,
                    ". Put back a whole snapshot of transaction {last:#x} or later, or "
                )?;
                write!(f, "the log files with those transactions, ")?;
            }
            _ => write!(f, "There is no log file either. Put back the snapshot ")?,
        }
        f.write_str(
            "or the whole directory, from a copy. To begin with nothing instead, empty the \
             directory",
        )
    }
}
