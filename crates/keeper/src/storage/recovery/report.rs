use crate::storage::snapshot::Unusable;
use std::path::PathBuf;

/// What recovery found.
#[derive(Debug, Default)]
pub struct Report {
    /// The snapshot that was loaded: its last transaction.
    pub snapshot: Option<i64>,
    /// How many transactions came behind it.
    pub entries: u64,
    /// The last transaction; zero if there never was one.
    pub last_zxid: i64,
    /// What was cut off the end of the log.
    pub torn: Option<Torn>,
    /// Snapshots that cannot be used, and why. They are now called `damaged.snapshot.<zxid>`;
    /// nothing is missing, because the log goes back far enough.
    pub unusable: Vec<(i64, Unusable)>,
    /// Files that were being written when a server died.
    pub removed: Vec<PathBuf>,
    /// Whether the disk has no space for the rest of the segment.
    pub is_short: bool,
}

/// The end of the log, which was never acknowledged: a crash came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The segment.
    pub path: PathBuf,
    /// Where it was cut off.
    pub offset: u64,
    /// How many bytes were cut off.
    pub len: u64,
}

// === impl Torn ===

impl std::fmt::Display for Torn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "cut {} bytes off the end of the log ({}, from byte {} on): they were being written \
             when the server or the machine stopped, and none of them was acknowledged",
            self.len,
            self.path.display(),
            self.offset
        )
    }
}
