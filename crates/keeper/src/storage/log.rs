//! The log: transactions in the order of their zxids, in files of one length.
//!
//! A segment is a header of one sector and then *batches*, each from the start of a sector on.
//! A batch is what was written with one write and one sync, and the next one is written when
//! that sync has ended. So a batch that is not whole, with nothing behind it, is one that was
//! never acknowledged; one with a whole batch behind it was, and has been damaged since.
//! Because batches start with sectors, no sector that holds an acknowledged transaction is
//! written again.
//!
//! A segment's space is taken before it is used, and the next one's in good time, so
//! that a transaction that was let in ([`Room`]) is not the one that finds the disk full.
//! Reserved space alone would make each sync also note in the file system that the blocks have
//! been written: zeros written ahead of the batches save that for most of them.

mod batch;
mod group;
mod reader;
mod room;
mod segment;
mod spare;
mod window;

pub use self::{
    group::{Group, GroupError},
    room::{Room, Sizes, SizesError},
    segment::Damage,
};

pub(super) use self::{
    batch::Batch,
    reader::{Remains, SegmentReader, Step, Tail},
    room::SECTOR,
    spare::Spare,
    window::Window,
};

use self::batch::BatchHead;
use super::{Disk, DiskError, File, names};
use std::{collections::VecDeque, path::PathBuf, sync::Arc};

/// How much memory the log keeps between batches; a larger batch is rare and gives it back.
const BUFFER_LEN_MAX: usize = 1024 * 1024;

/// The log cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Something could not be done to one of its files.
    #[error(
        "the log cannot be written ({0}); nobody knows which of the transactions that were not \
         acknowledged are on the disk: start the server again, and it finds out"
    )]
    Disk(#[from] DiskError),
    /// Somebody has removed the file that is written to.
    #[error(
        "{} was removed while the server ran: what it held is lost unless there is a backup, and \
         what is written there now would be lost too. Put the whole directory back, or copy the \
         tree from elsewhere, and start the server again",
        .0.display()
    )]
    Removed(PathBuf),
}

/// The log of a running server: its newest segment, and the space for the next.
pub struct Log {
    disk: Arc<dyn Disk>,
    sizes: Sizes,
    current: Current,
    spare: Option<Spare>,
    last_zxid: i64,
    /// How many bytes were written since the newest snapshot.
    written: u64,
    /// How long that one is.
    snapshot_len: u64,
    /// What is written next; kept for its memory.
    buffer: Vec<u8>,
}

/// The segment that is written to.
pub(super) struct Current {
    pub(super) file: Box<dyn File>,
    pub(super) path: PathBuf,
    /// How much space it has.
    pub(super) len: u64,
    /// What is new in it belongs to.
    pub(super) id: u64,
    /// Where the next batch goes.
    pub(super) end: u64,
    /// How many batches it has.
    pub(super) batches: u64,
    /// Up to where zeros were written, or batches.
    pub(super) zeroed: u64,
}

// === impl Log ===

impl Log {
    /// Goes on behind what recovery found.
    pub(super) fn resume(
        disk: Arc<dyn Disk>,
        sizes: Sizes,
        current: Current,
        last_zxid: i64,
        written: u64,
        snapshot_len: u64,
    ) -> Self {
        Self {
            disk,
            sizes,
            current,
            spare: None,
            last_zxid,
            written,
            snapshot_len,
            buffer: Vec::new(),
        }
    }

    /// The last transaction in it.
    pub fn last_zxid(&self) -> i64 {
        self.last_zxid
    }

    pub(super) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    pub(super) fn sizes(&self) -> Sizes {
        self.sizes
    }

    pub(super) fn written(&self) -> u64 {
        self.written
    }

    pub(super) fn snapshot_len(&self) -> u64 {
        self.snapshot_len
    }

    /// How many bytes of groups, by [cost](Group::cost), have room for sure.
    pub(super) fn available(&self) -> u64 {
        let here = self.current.len - self.current.end;
        let Some(spare) = &self.spare else {
            return here;
        };
        // A group that does not fit here leaves the rest of this segment unused.
        let wasted = self.sizes.group_len_max - SECTOR;
        here.max(here + (spare.len - SECTOR) - wasted)
    }

    /// Whether it is time to take space for the next segment: while there still is room for as
    /// much as half a segment, in case that it takes long or that there is none.
    pub(super) fn wants_spare(&self) -> bool {
        let here = self.current.len - self.current.end;
        self.spare.is_none() && here < self.sizes.segment_len / 2
    }

    pub(super) fn put_spare(&mut self, spare: Spare) {
        self.spare = Some(spare);
    }

    /// Makes one batch of the first groups, as many as fit, and returns when it is on the disk.
    /// Gives the cost of these groups.
    ///
    /// # Errors
    /// After any, this log is of no use any more.
    pub(super) fn write(&mut self, queue: &mut VecDeque<Group>) -> Result<u64, LogError> {
        let Some(first) = queue.front() else {
            return Ok(0);
        };
        if first.cost() > self.current.len - self.current.end {
            self.roll_over()?;
        }
        let fits = self
            .sizes
            .batch_len_max
            .min(self.current.len - self.current.end);
        let (mut batch, mut cost) = (Vec::new(), 0);
        let mut body_len = 0;
        while let Some(group) = queue.front() {
            body_len += group.body().len();
            if !batch.is_empty() && batch::cost(body_len) > fits {
                break;
            }
            cost += group.cost();
            batch.extend(queue.pop_front());
        }
        self.write_batch(&batch)?;
        Ok(cost)
    }

    fn write_batch(&mut self, groups: &[Group]) -> Result<(), LogError> {
        let current = &mut self.current;
        let buffer = &mut self.buffer;
        buffer.clear();
        self.last_zxid = BatchHead::write(current.id, current.batches, groups, buffer);
        let len = buffer.len() as u64;
        let end = current.end + len;
        if end > current.zeroed {
            // One write of zeros makes many later syncs cheaper.
            current.zeroed = (end + self.sizes.zeros_len).min(current.len);
            let zeros = usize::try_from(current.zeroed - end).unwrap_or(0);
            buffer.resize(buffer.len() + zeros, 0);
        }
        let written = current.file.write_at(buffer, current.end);
        written.map_err(DiskError::of("write", &current.path))?;
        let synced = current.file.sync();
        synced.map_err(DiskError::of("sync", &current.path))?;
        let has_name = current.file.has_name();
        if !has_name.map_err(DiskError::of("look at", &current.path))? {
            return Err(LogError::Removed(current.path.clone()));
        }
        current.end = end;
        current.batches += 1;
        self.written += len;
        self.buffer.shrink_to(BUFFER_LEN_MAX);
        Ok(())
    }

    fn roll_over(&mut self) -> Result<(), DiskError> {
        let spare = match self.spare.take() {
            Some(spare) => spare,
            None => Spare::make_in_haste(&*self.disk, self.sizes.segment_len)?,
        };
        self.current = spare.begin(&*self.disk, self.last_zxid + 1)?;
        Ok(())
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log")
            .field("path", &self.current.path)
            .field("end", &self.current.end)
            .field("last_zxid", &self.last_zxid)
            .finish_non_exhaustive()
    }
}

/// Where the segment is that begins with a transaction.
pub(super) fn segment_path(disk: &dyn Disk, first_zxid: i64) -> PathBuf {
    disk.path(&names::segment(first_zxid))
}
