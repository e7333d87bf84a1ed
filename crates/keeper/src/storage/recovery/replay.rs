//! Reads the log.

use super::{RecoveryError, Replay, base};
use crate::{
    storage::{
        Disk, DiskError,
        log::{Batch, Remains, SegmentReader, Step, Tail, segment_path},
        names,
    },
    txn::Entry,
};
use dockeeper_zk_proto::Record;
use std::path::{Path, PathBuf};

/// What the log came to.
pub(super) struct Read {
    /// How many transactions were replayed.
    pub(super) entries: u64,
    /// The last transaction; the snapshot's without a log.
    pub(super) last_zxid: i64,
    /// How many bytes of the log were replayed.
    pub(super) len: u64,
    /// The newest segment, if there is one.
    pub(super) newest: Option<Newest>,
}

/// The newest segment.
pub(super) struct Newest {
    pub(super) reader: SegmentReader,
    pub(super) path: PathBuf,
    /// What is behind its last batch, if anything.
    pub(super) remains: Option<Remains>,
    /// Its last batch.
    pub(super) last: Option<Batch>,
}

/// Replays what is behind the base, and leaves the log as it is.
pub(super) fn replay(
    disk: &dyn Disk,
    base_zxid: i64,
    segments: &[i64],
    segment_len: u64,
    replay: &mut dyn Replay,
) -> Result<Read, RecoveryError> {
    let from = segments.partition_point(|first| *first <= base_zxid + 1);
    let segments = &segments[from.saturating_sub(1)..];
    let mut state = State {
        disk,
        replay,
        segment_len,
        base_zxid,
        last_zxid: segments.first().map_or(base_zxid, |first| first - 1),
        entries: 0,
        len: 0,
    };
    let mut newest = None;
    for (at, first) in segments.iter().enumerate() {
        newest = Some(state.segment(*first, segments.get(at + 1).copied())?);
    }
    if state.last_zxid < base_zxid {
        return Err(RecoveryError::LogShort {
            snapshot: base::path(disk, base_zxid),
            last_zxid: state.last_zxid,
        });
    }
    Ok(Read {
        entries: state.entries,
        last_zxid: state.last_zxid,
        len: state.len,
        newest,
    })
}

struct State<'a> {
    disk: &'a dyn Disk,
    replay: &'a mut dyn Replay,
    /// How long a segment is from its beginning on, unless something shortens it.
    segment_len: u64,
    base_zxid: i64,
    last_zxid: i64,
    entries: u64,
    len: u64,
}

// === impl State ===

impl State<'_> {
    fn segment(&mut self, first: i64, next: Option<i64>) -> Result<Newest, RecoveryError> {
        let path = segment_path(self.disk, first);
        let mut reader = self.open(first, &path)?;
        let mut last = None;
        let batches = loop {
            match reader.step().map_err(DiskError::of("read", &path))? {
                Step::Batch(batch) => {
                    self.batch(&batch, &path)?;
                    last = Some(batch);
                }
                Step::OutOfPlace => {
                    return Err(self.damaged(&path, reader.at(), "batches are missing before it"));
                }
                Step::Nothing => break reader.at(),
            }
        };
        let tail = match next {
            // The next segment is begun when the last batch of this one is on the disk.
            Some(next) if next == self.last_zxid + 1 => Tail::Empty,
            _ => reader.tail().map_err(DiskError::of("read", &path))?,
        };
        let remains = match (tail, next) {
            (Tail::Damaged { whole_at }, _) => {
                let what = format!("what is there is not whole, but at byte {whole_at} it goes on");
                return Err(self.damaged(&path, batches, &what));
            }
            (Tail::Torn(_), Some(_)) => {
                let what = "what is there is not whole, but another file goes on behind it";
                return Err(self.damaged(&path, batches, what));
            }
            (Tail::Empty, Some(next)) if next != self.last_zxid + 1 => {
                // First whether the file is what its name says.
                self.open(next, &segment_path(self.disk, next))?;
                return Err(self.gap(next));
            }
            (Tail::Torn(remains), None) => Some(self.torn(remains, &reader, &path)?),
            (Tail::Empty, _) => None,
        };
        Ok(Newest {
            reader,
            path,
            remains,
            last,
        })
    }

    /// Tells what a crash leaves from what is missing. A crash does not shorten a file: its length
    /// is on the disk before the first batch.
    fn torn(
        &self,
        remains: Remains,
        reader: &SegmentReader,
        path: &Path,
    ) -> Result<Remains, RecoveryError> {
        if remains.end < reader.len() || reader.len() >= self.segment_len {
            return Ok(remains);
        }
        Err(RecoveryError::Shortened {
            path: path.to_owned(),
            len: reader.len(),
            reserved: self.segment_len,
            offset: reader.at(),
            last_zxid: self.last_zxid,
        })
    }

    fn open(&self, first: i64, path: &Path) -> Result<SegmentReader, RecoveryError> {
        let file = self.disk.open(&names::segment(first));
        let file = file.map_err(DiskError::of("open", path))?;
        if file.is_empty().map_err(DiskError::of("read", path))? {
            return Err(RecoveryError::Empty(path.to_owned()));
        }
        let reader = SegmentReader::new(file).map_err(DiskError::of("read", path))?;
        let reader = reader.map_err(|damage| self.damaged(path, 0, &damage.to_string()))?;
        let first_zxid = reader.head().first_zxid;
        if first_zxid != first {
            return Err(RecoveryError::Misnamed {
                path: path.to_owned(),
                first_zxid,
            });
        }
        Ok(reader)
    }

    fn batch(&mut self, batch: &Batch, path: &Path) -> Result<(), RecoveryError> {
        let unsound = "its checksum is right, but what is there makes no sense";
        let Some(records) = batch.records() else {
            return Err(self.damaged(path, batch.offset, unsound));
        };
        for record in records {
            let entry = Entry::from_bytes(record);
            let entry = entry.map_err(|why| self.damaged(path, batch.offset, &why.to_string()))?;
            let zxid = self.last_zxid + 1;
            if entry.zxid != zxid {
                return Err(self.damaged(path, batch.offset, unsound));
            }
            if zxid > self.base_zxid {
                let taken = self.replay.entry(entry);
                taken.map_err(|source| RecoveryError::Refused {
                    path: path.to_owned(),
                    offset: batch.offset,
                    zxid,
                    source,
                })?;
                self.entries += 1;
            }
            self.last_zxid = zxid;
        }
        if self.last_zxid > self.base_zxid {
            self.len += batch.cost();
        }
        Ok(())
    }

    fn damaged(&self, path: &Path, offset: u64, what: &str) -> RecoveryError {
        RecoveryError::Damaged {
            path: path.to_owned(),
            offset,
            what: what.to_owned(),
            last_zxid: self.last_zxid,
        }
    }

    fn gap(&self, next: i64) -> RecoveryError {
        let path = segment_path(self.disk, next);
        if next <= self.last_zxid {
            return RecoveryError::Overlap {
                path,
                first_zxid: next,
                last_zxid: self.last_zxid,
            };
        }
        RecoveryError::Gap {
            path,
            first_zxid: self.last_zxid + 1,
            last_zxid: next - 1,
        }
    }
}
