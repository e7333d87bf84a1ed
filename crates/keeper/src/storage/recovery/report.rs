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
    /// The newest segment, if it ends too early and behind a whole batch.
    pub shortened: Option<Shortened>,
    /// Snapshots that cannot be used, and why. They are now called `damaged.snapshot.<zxid>`;
    /// nothing is missing, because the log goes back far enough.
    pub unusable: Vec<(i64, Unusable)>,
    /// Files that were being written when a server died.
    pub removed: Vec<PathBuf>,
    /// Whether the disk has no space for the rest of the segment.
    pub is_short: bool,
}

/// The end of the log, which is not whole: a crash came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The segment.
    pub path: PathBuf,
    /// Where it was cut off.
    pub offset: u64,
    /// How many bytes were cut off.
    pub len: u64,
    /// How many of them, in whole sectors, were not zeros.
    pub written: u64,
    /// The last transaction before.
    pub last_zxid: i64,
}

/// A segment whose end is missing, reserved space at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortened {
    /// The segment.
    pub path: PathBuf,
    /// How many bytes it had.
    pub len: u64,
    /// How many it has when it is made.
    pub reserved: u64,
    /// The last transaction in it.
    pub last_zxid: i64,
}

// === impl Torn ===

impl std::fmt::Display for Torn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "cut the end of the log off, which is not whole: {} bytes behind transaction {:#x}, \
             from byte {} of {} on, {} of them written. It is what was being written when the \
             server or the machine stopped, and was never acknowledged; if neither has, the disk \
             has damaged the last transactions",
            self.len,
            self.last_zxid,
            self.offset,
            self.path.display(),
            self.written
        )
    }
}

// === impl Shortened ===

impl std::fmt::Display for Shortened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} had {} bytes and not the {} that the server reserves, so something has shortened \
             it. It ends with transaction {:#x}, and nothing tells whether others came behind: if \
             it is a copy that was broken off, they are missing",
            self.path.display(),
            self.len,
            self.reserved,
            self.last_zxid
        )
    }
}
