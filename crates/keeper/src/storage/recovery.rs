//! What a start begins with: the newest snapshot that is whole, and the log behind it.
//!
//! What a crash can leave behind is mended and reported: the end of the log that was not
//! acknowledged, files that were being written. What it cannot, is damage: a snapshot's is
//! mended too, from the one before and the log; the log's is not, because what is missing there
//! was acknowledged, and the server does not start.

mod base;
mod error;
mod no_snapshot;
mod replay;
mod report;
mod resume;

pub use self::{
    error::RecoveryError,
    no_snapshot::NoSnapshot,
    report::{Report, Shortened, Torn},
};

use super::{
    Disk, DiskError,
    log::{Log, Sizes},
    names,
};
use crate::txn::Entry;
use bytes::Bytes;
use std::{io, sync::Arc};

/// Why something that was read is not taken.
pub type Refusal = Box<dyn std::error::Error + Send + Sync>;

/// Takes the state that is read.
///
/// First come the blocks of a snapshot and its end, if there is one; then transactions, in order
/// and without a gap.
pub trait Replay {
    /// Takes the next block of a snapshot.
    ///
    /// # Errors
    /// It makes no sense. Then [`reset`](Self::reset) comes next.
    fn block(&mut self, block: Bytes) -> Result<(), Refusal>;

    /// The snapshot is whole. It shows the state after this transaction.
    ///
    /// # Errors
    /// Something is missing. Then [`reset`](Self::reset) comes next.
    fn snapshot_end(&mut self, zxid: i64) -> Result<(), Refusal>;

    /// All that was read so far does not count.
    fn reset(&mut self);

    /// Takes the next transaction.
    ///
    /// # Errors
    /// It cannot have been made in this state. Then the start fails.
    fn entry(&mut self, entry: Entry) -> Result<(), Refusal>;
}

/// What recovery comes to.
#[derive(Debug)]
pub struct Recovered {
    /// Where the next transactions go.
    pub log: Log,
    /// What was found.
    pub report: Report,
}

/// Reads a data directory, mends what a crash left, and makes the log ready for more. The
/// directory has to be [locked](super::DirLock).
///
/// The first start makes the log and then the [key](mod@super::key). So a directory with one and
/// without the other has lost something; but for a log in which nothing is yet, and for a snapshot
/// alone, which is one that somebody put there to begin with.
///
/// # Errors
/// The log or the key is missing, the log is damaged or has a gap, there is no usable snapshot that
/// it goes on from, or the directory cannot be read or written. A directory that is damaged is not
/// changed.
pub fn recover(
    disk: &Arc<dyn Disk>,
    sizes: Sizes,
    replay: &mut dyn Replay,
) -> Result<Recovered, RecoveryError> {
    sizes.check()?;
    let names = list(&**disk)?;
    let has_key = names.iter().any(|name| name == names::KEY);
    let (snapshots, segments) = (names::snapshots(&names), names::segments(&names));
    let mut report = Report::default();
    if has_key && segments.is_empty() {
        return Err(log_missing(&**disk, &snapshots));
    }
    let base = base::load(&**disk, &snapshots, &segments, replay, &mut report)?;
    report.snapshot = base.snapshot;
    let read = replay::replay(&**disk, base.zxid, &segments, sizes.segment_len, replay)?;
    // A server that died at its very first start had a log and no key yet.
    if !has_key && !segments.is_empty() && read.last_zxid > 0 {
        return Err(RecoveryError::KeyMissing {
            path: disk.path(names::KEY),
            last_zxid: read.last_zxid,
        });
    }
    report.entries = read.entries;
    report.last_zxid = read.last_zxid;
    clean(&**disk, &names, &mut report)?;
    let log = resume::resume(disk, sizes, read, base.len, &mut report)?;
    Ok(Recovered { log, report })
}

/// Refuses a directory that holds another server's data, before anything is written there: a
/// server that began anew beside them would look as if all were lost.
///
/// # Errors
///
/// [`RecoveryError::Foreign`], or the directory cannot be read.
pub fn check(disk: &dyn Disk) -> Result<(), RecoveryError> {
    match names::foreign(&list(disk)?) {
        Some(name) => Err(RecoveryError::Foreign {
            path: disk.path(name),
        }),
        None => Ok(()),
    }
}

fn log_missing(disk: &dyn Disk, snapshots: &[i64]) -> RecoveryError {
    RecoveryError::LogMissing {
        key: disk.path(names::KEY),
        snapshot: snapshots.last().map(|zxid| base::path(disk, *zxid)),
    }
}

fn list(disk: &dyn Disk) -> Result<Vec<String>, DiskError> {
    disk.list().map_err(DiskError::of("list", &disk.path("")))
}

/// Removes what was being written, and puts snapshots aside that cannot be read: they must not
/// count among those that are kept.
fn clean(disk: &dyn Disk, names: &[String], report: &mut Report) -> Result<(), DiskError> {
    for name in names::LEFTOVERS {
        if names.iter().any(|found| found == name) {
            let removed = disk.remove(name);
            removed.map_err(DiskError::of("remove", &disk.path(name)))?;
            report.removed.push(disk.path(name));
        }
    }
    for (zxid, _) in &report.unusable {
        let name = names::snapshot(*zxid);
        match disk.rename(&name, &names::damaged(&name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(DiskError::of("rename", &disk.path(&name))(error));
            }
            _ => {}
        }
    }
    Ok(())
}
