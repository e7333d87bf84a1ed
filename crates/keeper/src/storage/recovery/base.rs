//! The snapshot from which the log goes on.

use super::{NoSnapshot, RecoveryError, Replay, Report};
use crate::storage::{Disk, log, names, snapshot};
use std::path::PathBuf;

/// Where the log has to go on from.
pub(super) struct Base {
    /// The snapshot, if there is one.
    pub(super) snapshot: Option<i64>,
    /// Its last transaction; zero without one.
    pub(super) zxid: i64,
    /// How long it is, in bytes.
    pub(super) len: u64,
}

/// Loads the newest snapshot that can be.
pub(super) fn load(
    disk: &dyn Disk,
    snapshots: &[i64],
    segments: &[i64],
    replay: &mut dyn Replay,
    report: &mut Report,
) -> Result<Base, RecoveryError> {
    for &zxid in snapshots.iter().rev() {
        reaches_back(disk, zxid, segments, report)?;
        match snapshot::read(disk, zxid, replay) {
            Ok(len) => {
                return Ok(Base {
                    snapshot: Some(zxid),
                    zxid,
                    len,
                });
            }
            Err(why) => {
                replay.reset();
                report.unusable.push((zxid, why));
            }
        }
    }
    reaches_back(disk, 0, segments, report)?;
    Ok(Base {
        snapshot: None,
        zxid: 0,
        len: 0,
    })
}

/// Whether the log has what comes behind a transaction.
fn reaches_back(
    disk: &dyn Disk,
    zxid: i64,
    segments: &[i64],
    report: &mut Report,
) -> Result<(), RecoveryError> {
    let has_log = match segments.first() {
        Some(first) => *first <= zxid + 1,
        // A snapshot alone is one that somebody put there to begin with.
        None => report.unusable.is_empty(),
    };
    if has_log {
        return Ok(());
    }
    let first = segments.first().copied();
    if let Some(first) = first
        && zxid > 0
        && report.unusable.is_empty()
    {
        return Err(RecoveryError::Gap {
            path: log::segment_path(disk, first),
            first_zxid: zxid + 1,
            last_zxid: first - 1,
        });
    }
    let unusable = std::mem::take(&mut report.unusable);
    Err(RecoveryError::NoSnapshot(NoSnapshot {
        directory: disk.path(""),
        unusable: unusable.into_iter().map(|(_, why)| why).collect(),
        older: (zxid > 0).then(|| path(disk, zxid)),
        oldest_log: first.map(|first| log::segment_path(disk, first)),
        missing: first.map(|first| (zxid + 1, first - 1)),
    }))
}

/// Where a snapshot is.
pub(super) fn path(disk: &dyn Disk, zxid: i64) -> PathBuf {
    disk.path(&names::snapshot(zxid))
}
