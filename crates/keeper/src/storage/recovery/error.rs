use super::{NoSnapshot, Refusal};
use crate::storage::{DiskError, key::how_to_make, log::SizesError, names};
use std::path::{Path, PathBuf};

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

    /// A segment has nothing in it, not even its beginning.
    #[error(
        "{} is empty, and the server makes no such file: something has emptied it, or made it. Put \
         back what it held, or the whole directory from a copy. Or, if it was never the server's, \
         remove it",
        .0.display()
    )]
    Empty(PathBuf),

    /// A segment is not what its name says.
    #[error(
        "{} holds the log from transaction {first_zxid:#x} on, and its name says another: it is a \
         copy or was renamed. Move it out of the directory; or, if there is no {} beside it, give it \
         that name",
        path.display(),
        names::segment(*first_zxid)
    )]
    Misnamed {
        /// The segment.
        path: PathBuf,
        /// Where it begins.
        first_zxid: i64,
    },

    /// Two segments hold the same transactions.
    #[error(
        "{} begins with transaction {first_zxid:#x}, and the log file before it goes to \
         {last_zxid:#x}: both hold some transactions, so one of them is not of this directory. Move \
         it out; the whole is in any copy of the directory",
        path.display()
    )]
    Overlap {
        /// The later one.
        path: PathBuf,
        /// Where it begins.
        first_zxid: i64,
        /// Where the one before it ends.
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

    /// There is a key and no log.
    #[error(
        "there is no log file beside {}. The log is made before the key, so there was one, and \
         what was acknowledged {} is lost with it. Put the log files back, or the whole directory \
         from a copy. Or, to go on without them, {}",
        key.display(),
        since(snapshot.as_deref()),
        go_on(snapshot.is_some())
    )]
    LogMissing {
        /// The key.
        key: PathBuf,
        /// The newest snapshot, if there is one.
        snapshot: Option<PathBuf>,
    },

    /// There is a log and no key.
    #[error(
        "{} is missing, and the log goes to transaction {last_zxid:#x}: without the key no client \
         can go on with its session, and their ephemeral znodes end with the sessions. Put the \
         file back from a copy of the directory. Or, to go on without it, make a new one, which \
         has to belong to the user that the server runs as: {}",
        path.display(),
        how_to_make(path)
    )]
    KeyMissing {
        /// Where it should be.
        path: PathBuf,
        /// The log's last transaction.
        last_zxid: i64,
    },

    /// The newest segment ends in the middle of a batch.
    #[error(
        "{} ends at byte {len}, in the middle of what was written behind transaction \
         {last_zxid:#x}. A log file has {reserved} bytes from its beginning on, and no crash \
         changes that: something has shortened it, such as a copy that was broken off, and what \
         is missing may have been acknowledged. Put back a whole copy. Or, to go on without, on a \
         copy of the directory: truncate -s {offset} {}",
        path.display(),
        path.display()
    )]
    Shortened {
        /// The segment.
        path: PathBuf,
        /// How long it is.
        len: u64,
        /// How long it is when it is made.
        reserved: u64,
        /// Where what is not whole begins.
        offset: u64,
        /// The last transaction before.
        last_zxid: i64,
    },

    /// The log cannot be of the sizes that were asked for.
    #[error(transparent)]
    Sizes(#[from] SizesError),

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
         without, move all log files and the file `key` out of the directory: clients then begin \
         new sessions",
        snapshot.display()
    )]
    LogShort {
        /// The snapshot.
        snapshot: PathBuf,
        /// The log's last transaction.
        last_zxid: i64,
    },

    /// No snapshot can be used, and the log alone is not enough.
    #[error(transparent)]
    NoSnapshot(#[from] NoSnapshot),

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

fn since(snapshot: Option<&Path>) -> String {
    match snapshot {
        Some(snapshot) => format!("since {}", snapshot.display()),
        None => "since the first start".to_owned(),
    }
}

fn go_on(has_snapshot: bool) -> &'static str {
    if has_snapshot {
        "move the key out of the directory too: the server begins with the snapshot, and clients \
         begin new sessions"
    } else {
        "empty the directory: the server begins with nothing"
    }
}

fn cut(path: &Path, offset: u64) -> String {
    match offset {
        0 => "this one too".to_owned(),
        _ => format!("cut this one (truncate -s {offset} {})", path.display()),
    }
}
