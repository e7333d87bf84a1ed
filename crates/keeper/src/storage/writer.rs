//! The thread that writes the log: whatever was given to it while it wrote one batch becomes the
//! next one, so that many requests share a sync.
//!
//! A second thread takes space for the next segment: that can take long, and with a full disk it
//! is tried again and again.

mod reserve;
mod shared;
mod task;

pub(super) use self::shared::Shared;

use super::{
    DiskError, Room,
    disk::SharedDisk,
    log::{Group, GroupError, Log, LogError, Sizes},
    names,
    snapshot::Snapshots,
};
use crate::txn::Entry;
use std::{io, sync::Arc, thread};

/// How many bytes of the log may wait to be written: what a disk writes in a fraction of a
/// second. More would only be more memory and longer waits.
const QUEUE_LEN_MAX: u64 = 16 * 1024 * 1024;

/// How many requests' transactions may wait to be written, for the same reason.
const QUEUE_COUNT_MAX: usize = 16 * 1024;

/// What the log has to say. None of it has to be asked for again.
#[derive(Debug)]
pub enum Event {
    /// All transactions up to this one are on the disk.
    Durable(i64),
    /// How much room there is has changed otherwise than by what was written.
    Room {
        /// The room.
        room: Room,
        /// Why there is not more. It is tried again, once a second, without being told again.
        trouble: Option<DiskError>,
    },
    /// The log has ended; there is nothing that the server can do but stop. What was not said to
    /// be durable may be on the disk or not.
    Failed(LogError),
}

/// Why transactions were not taken. Each means that the server did not ask before.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// They cannot be logged, ever.
    #[error(transparent)]
    Group(#[from] GroupError),
    /// Too many wait.
    #[error("the log was given more than it can write")]
    Congested,
    /// There is no space for them.
    #[error("the log was given more than it has space for")]
    Full,
    /// The log has ended.
    #[error("the log has ended")]
    Ended,
}

/// Where transactions go. Dropped, the log ends behind what it was given.
#[derive(Debug)]
pub struct LogHandle {
    shared: Arc<Shared>,
    disk: SharedDisk,
    sizes: Sizes,
    /// The last transaction that was given to it.
    last_zxid: i64,
    threads: Vec<thread::JoinHandle<()>>,
}

/// Starts the log's threads. `notify` is called on one of them, and must not block.
///
/// # Errors
/// A thread cannot be made.
pub fn start(
    log: Log,
    notify: impl FnMut(Event) + Send + 'static,
) -> io::Result<(LogHandle, Snapshots)> {
    let shared = Arc::new(Shared::new(&log));
    let disk = Arc::clone(log.disk());
    let mut handle = LogHandle {
        shared: Arc::clone(&shared),
        disk: SharedDisk(Arc::clone(&disk)),
        sizes: log.sizes(),
        last_zxid: log.last_zxid(),
        threads: Vec::new(),
    };
    let reserve = reserve::Task::new(Arc::clone(&shared), &log);
    handle.spawn("keeper-reserve", move || reserve.run())?;
    let task = task::Task::new(Arc::clone(&shared), log, Box::new(notify));
    handle.spawn("keeper-log", move || task.run())?;
    Ok((handle, Snapshots::new(shared, disk)))
}

// === impl LogHandle ===

impl LogHandle {
    fn spawn(&mut self, name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let builder = thread::Builder::new().name(name.to_owned());
        self.threads.push(builder.spawn(run)?);
        Ok(())
    }

    /// Takes the transactions of one request; never blocks.
    ///
    /// # Errors
    /// They were not taken. None of the errors comes to a server that asks for [the
    /// room](Self::room) and [the backlog](Self::is_congested) before it takes a request, but
    /// that the log has ended.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), AppendError> {
        if entries.is_empty() {
            return Ok(());
        }
        let group = Group::of(entries, self.last_zxid, &self.sizes)?;
        let last_zxid = group.last_zxid();
        self.shared.push(group)?;
        self.last_zxid = last_zxid;
        Ok(())
    }

    /// How much room there is behind what it was given.
    pub fn room(&self) -> Room {
        self.shared
            .with(|state| Room::of(state.left(), &self.sizes))
    }

    /// Whether requests should wait: for what the disk has to write, or for space that is about
    /// to be there. An event comes when that is over.
    pub fn is_congested(&self) -> bool {
        self.shared.with(|state| {
            let is_short = state.left() < self.sizes.group_len_max + self.sizes.session_reserve_len;
            state.is_congested() || (is_short && !state.spares.is_lacking())
        })
    }

    /// The last transaction that is on the disk.
    pub fn durable(&self) -> i64 {
        self.shared.with(|state| state.durable)
    }

    /// Writes what it was given, ends the threads and waits for them. Blocks: behind a task that
    /// must not, it belongs on a thread for such things.
    pub fn stop(mut self) {
        self.shared.stop();
        for thread in self.threads.drain(..) {
            // One that panicked has said so already.
            let _ = thread.join();
        }
        // No start needs it. If it stays, the next one removes it.
        let _ = self.disk.0.remove(names::SPARE);
    }
}

impl Drop for LogHandle {
    fn drop(&mut self) {
        self.shared.stop();
    }
}
