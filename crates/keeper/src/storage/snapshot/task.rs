//! The thread that writes a snapshot.

use super::{retention::retain, unfinished::Unfinished};
use crate::storage::{Disk, DiskError, writer::Shared};
use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use std::{collections::VecDeque, io, sync::Arc, thread};

/// How many bytes of blocks wait to be written, at most, and one block: so that a slow disk does
/// not make the server grow.
const QUEUE_LEN_MAX: usize = 8 * 1024 * 1024;

/// How a snapshot goes on.
#[derive(Debug)]
pub enum SnapshotEvent {
    /// [`SnapshotWriter::push`] takes blocks again.
    Ready,
    /// It is on the disk.
    Written {
        /// The last transaction in it.
        zxid: i64,
        /// How long it is, in bytes.
        len: u64,
        /// What is no longer needed and cannot be removed.
        left: Option<DiskError>,
    },
    /// It is not, and nothing of it is left. The one before stays, and so does the log.
    Failed(SnapshotError),
}

/// Why there is no new snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It cannot be written.
    #[error("no new snapshot, so the log stays as long as it is: {0}")]
    Disk(#[from] DiskError),
    /// The log ended before it had the snapshot's last transaction.
    #[error("no new snapshot: the log has failed or ended before it was whole")]
    LogEnded,
    /// [`SnapshotWriter`] was dropped.
    #[error("no new snapshot: it was given up")]
    GivenUp,
}

type Notify = Box<dyn FnMut(SnapshotEvent) + Send>;

/// Where a snapshot's blocks go. Dropped, the snapshot is given up.
#[derive(Debug)]
pub struct SnapshotWriter {
    queue: Arc<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    blocks: VecDeque<Bytes>,
    len: usize,
    /// Whether a block was refused.
    was_full: bool,
    end: Option<End>,
    /// Whether nobody takes blocks out any more.
    is_over: bool,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Whole,
    GivenUp,
}

pub(super) fn begin(
    shared: Arc<Shared>,
    disk: Arc<dyn Disk>,
    zxid: i64,
    notify: Notify,
) -> io::Result<SnapshotWriter> {
    let queue = Arc::<Queue>::default();
    let task = Task {
        begun_at: shared.with(|state| state.written),
        shared,
        disk,
        zxid,
        queue: Arc::clone(&queue),
        notify,
    };
    let builder = thread::Builder::new().name("keeper-snapshot".to_owned());
    builder.spawn(move || task.run())?;
    Ok(SnapshotWriter { queue })
}

// === impl SnapshotWriter ===

impl SnapshotWriter {
    /// Takes the next block; never blocks.
    ///
    /// # Errors
    /// Gives the block back when too much waits to be written: [`SnapshotEvent::Ready`] tells
    /// when that is over.
    pub fn push(&mut self, block: Bytes) -> Result<(), Bytes> {
        let mut state = self.queue.state.lock();
        if state.is_over {
            // It has failed, and the event says so.
            return Ok(());
        }
        if state.len >= QUEUE_LEN_MAX {
            state.was_full = true;
            return Err(block);
        }
        state.len += block.len();
        state.blocks.push_back(block);
        self.queue.changed.notify_one();
        Ok(())
    }

    /// There are no more blocks.
    pub fn finish(self) {
        self.queue.end(End::Whole);
    }
}

impl Drop for SnapshotWriter {
    fn drop(&mut self) {
        self.queue.end(End::GivenUp);
    }
}

// === impl Queue ===

impl Queue {
    /// The first end counts.
    fn end(&self, end: End) {
        self.state.lock().end.get_or_insert(end);
        self.changed.notify_one();
    }

    /// The next block, and whether there is space for new ones that was missed; `None` behind
    /// the last one.
    fn next(&self) -> Result<Option<(Bytes, bool)>, SnapshotError> {
        let mut state = self.state.lock();
        loop {
            if let Some(End::GivenUp) = state.end {
                return Err(SnapshotError::GivenUp);
            }
            if let Some(block) = state.blocks.pop_front() {
                state.len -= block.len();
                let is_ready = state.was_full && state.len <= QUEUE_LEN_MAX / 2;
                state.was_full &= !is_ready;
                return Ok(Some((block, is_ready)));
            }
            if state.end.is_some() {
                return Ok(None);
            }
            self.changed.wait(&mut state);
        }
    }

    fn over(&self) {
        let mut state = self.state.lock();
        state.is_over = true;
        state.blocks = VecDeque::new();
    }
}

struct Task {
    shared: Arc<Shared>,
    disk: Arc<dyn Disk>,
    zxid: i64,
    begun_at: u64,
    queue: Arc<Queue>,
    notify: Notify,
}

// === impl Task ===

impl Task {
    fn run(mut self) {
        let written = self.write();
        self.queue.over();
        let event = match written {
            Ok(len) => {
                let left = retain(&*self.disk).err();
                let begun_at = self.begun_at;
                self.shared
                    .with(|state| state.snapshot.succeeded(len, begun_at));
                SnapshotEvent::Written {
                    zxid: self.zxid,
                    len,
                    left,
                }
            }
            Err(error) => {
                self.shared
                    .with(|state| state.snapshot.failed(state.written));
                SnapshotEvent::Failed(error)
            }
        };
        (self.notify)(event);
    }

    fn write(&mut self) -> Result<u64, SnapshotError> {
        let mut file = Unfinished::create(Arc::clone(&self.disk), self.zxid)?;
        while let Some((block, is_ready)) = self.queue.next()? {
            file.push(&block)?;
            if is_ready {
                (self.notify)(SnapshotEvent::Ready);
            }
        }
        file.finish()?;
        // Were it newer than the log, the log would have a gap behind a crash.
        if !self.shared.wait_durable(self.zxid) {
            return Err(SnapshotError::LogEnded);
        }
        file.publish()?;
        Ok(file.len())
    }
}
