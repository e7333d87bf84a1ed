use super::Refusal;
use crate::storage::{DiskError, snapshot::Unusable};
use std::path::PathBuf;

/// Why the server cannot start from a data directory.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The system says no.
    #[error(transparent)]
    Disk(#[from] DiskError),

    /// A segment is damaged.
    #[error(
        "{} is damaged at byte {offset}: {what}. Transactions up to {last_zxid:#x} can be read, \
         later ones were acknowledged and cannot, so the server does not start without them. Put \
         back a copy of the data directory. Or, to go on without them, on a copy of the \
         directory: remove log files behind this one and snapshots behind {last_zxid:#x}, and {}",
        path.display(),
        cut(path, *offset)
    )]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// What is wrong there.
        what: String,
        /// The last transaction before.
        last_zxid: i64,
    },

    /// The directory is another server's.
    #[error(
        "{} is none of this server's files: the directory looks like another server's, such as \
         Apache ZooKeeper's, and nothing in it was changed. Take an empty directory; `dockeeper \
         migrate` copies the tree of a server that runs",
        path.display()
    )]
    Foreign {
        /// What shows it.
        path: PathBuf,
    },

    /// Transactions are missing between two files.
    #[error(
        "transactions {first_zxid:#x} to {last_zxid:#x} are missing: {} begins behind them. Put \
         the log file that begins with {first_zxid:#x}, or before, back into the directory, or \
         the whole directory from a copy",
        path.display()
    )]
    Gap {
        /// The file behind the gap.
        path: PathBuf,
        /// The first that is missing.
        first_zxid: i64,
        /// The last that is missing.
        last_zxid: i64,
    },

    /// The log ends before the newest snapshot.
    #[error(
        "the log ends with transaction {last_zxid:#x}, before the snapshot {}: log files are \
         missing, and with them what came behind the snapshot. Put them back; or, to go on \
         without, move all log files out of the directory",
        snapshot.display()
    )]
    LogShort {
        /// The snapshot.
        snapshot: PathBuf,
        /// The log's last transaction.
        last_zxid: i64,
    },

    /// No snapshot can be used, and the log alone is not enough.
    #[error(
        "{why}. The log does not go back far enough to do without it. Put back a copy of the data \
         directory"
    )]
    NoSnapshot {
        /// What is wrong with the newest.
        why: Box<Unusable>,
    },

    /// A transaction does not fit the state.
    #[error(
        "transaction {zxid:#x}, in {} at byte {offset}, cannot be replayed: {source}. Start the \
         version of the server that wrote it, or put back a copy of the data directory",
        path.display()
    )]
    Refused {
        /// The segment.
        path: PathBuf,
        /// Where its batch begins.
        offset: u64,
        /// Which transaction.
        zxid: i64,
        /// What is wrong with it.
        source: Refusal,
    },
}

fn cut(path: &std::path::Path, offset: u64) -> String {
    match offset {
        0 => "this one too".to_owned(),
        _ => format!("cut this one (truncate -s {offset} {})", path.display()),
    }
}
