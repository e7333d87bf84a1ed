use super::{AppendError, QUEUE_COUNT_MAX, QUEUE_LEN_MAX};
use crate::storage::{
    DiskError,
    log::{Group, Log, Spare},
    snapshot::Schedule,
};
use parking_lot::{Condvar, Mutex};
use std::{collections::VecDeque, time::Duration};

/// What the threads have in common. Nothing slow is ever done under its lock.
pub(in crate::storage) struct Shared {
    state: Mutex<State>,
    /// There is something to do for the log's thread.
    work: Condvar,
    /// There is something to do for the thread that takes space.
    reserve: Condvar,
    /// More is durable.
    progress: Condvar,
}

pub(in crate::storage) struct State {
    groups: VecDeque<Group>,
    /// What was given to the log and is not yet written, in bytes of the log at most.
    queued: u64,
    /// What of this has room, if no more space is found.
    limit: u64,
    /// The last transaction on the disk.
    pub(in crate::storage) durable: i64,
    /// How many bytes the log has grown by since the snapshot that the start began with.
    pub(in crate::storage) written: u64,
    pub(super) spares: Spares,
    pub(in crate::storage) snapshot: Schedule,
    /// Nothing more is taken; what was is still written.
    is_stopping: bool,
    /// The log's thread is gone.
    has_ended: bool,
}

/// The space for the next segment.
pub(super) enum Spares {
    /// None is needed yet.
    Idle,
    /// It is being taken.
    Wanted,
    /// It is not to be had; why is not yet told.
    Refused(DiskError),
    /// It is not to be had, and that was told.
    Lacking,
    /// There it is.
    Ready(Spare),
}

/// What there is to do for the log's thread.
pub(super) enum Work {
    Write(VecDeque<Group>),
    Put(Spare),
    Tell(DiskError),
    End,
}

// === impl State ===

impl State {
    /// How many more bytes have room.
    pub(super) fn left(&self) -> u64 {
        self.limit.saturating_sub(self.queued)
    }

    /// Whether too much waits.
    pub(super) fn is_congested(&self) -> bool {
        self.queued >= QUEUE_LEN_MAX || self.groups.len() >= QUEUE_COUNT_MAX
    }

    fn work(&mut self) -> Option<Work> {
        match std::mem::replace(&mut self.spares, Spares::Idle) {
            Spares::Ready(spare) => return Some(Work::Put(spare)),
            Spares::Refused(why) => {
                self.spares = Spares::Lacking;
                return Some(Work::Tell(why));
            }
            other => self.spares = other,
        }
        if !self.groups.is_empty() {
            return Some(Work::Write(std::mem::take(&mut self.groups)));
        }
        self.is_stopping.then_some(Work::End)
    }
}

// === impl Spares ===

impl Spares {
    /// Whether there is nothing to wait for. If not, space is there, or is being taken, or will
    /// be when what waits has been written.
    pub(super) fn is_lacking(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Lacking)
    }
}

// === impl Shared ===

impl Shared {
    pub(super) fn new(log: &Log) -> Self {
        let wanted = log.wants_spare();
        Self {
            state: Mutex::new(State {
                groups: VecDeque::new(),
                queued: 0,
                limit: log.available(),
                durable: log.last_zxid(),
                written: log.written(),
                spares: if wanted { Spares::Wanted } else { Spares::Idle },
                snapshot: Schedule::new(log.snapshot_len()),
                is_stopping: false,
                has_ended: false,
            }),
            work: Condvar::new(),
            reserve: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    /// Looks at the state, for a moment.
    pub(in crate::storage) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock())
    }

    pub(super) fn push(&self, group: Group) -> Result<(), AppendError> {
        let mut state = self.state.lock();
        if state.has_ended || state.is_stopping {
            return Err(AppendError::Ended);
        }
        if state.is_congested() {
            return Err(AppendError::Congested);
        }
        if group.cost() > state.left() {
            return Err(AppendError::Full);
        }
        state.queued += group.cost();
        state.groups.push_back(group);
        self.work.notify_one();
        Ok(())
    }

    /// Waits for work.
    pub(super) fn work(&self) -> Work {
        let mut state = self.state.lock();
        loop {
            if let Some(work) = state.work() {
                return work;
            }
            self.work.wait(&mut state);
        }
    }

    /// Takes over how the log is, behind a batch of this cost; gives the room that is left.
    pub(super) fn update(&self, log: &Log, cost: u64) -> u64 {
        let mut state = self.state.lock();
        state.queued -= cost;
        state.limit = log.available();
        state.durable = log.last_zxid();
        state.written = log.written();
        if log.wants_spare() && matches!(state.spares, Spares::Idle) {
            state.spares = Spares::Wanted;
            self.reserve.notify_one();
        }
        self.progress.notify_all();
        state.left()
    }

    /// Waits until a transaction is on the disk. Gives whether it is: not if the log ends before.
    pub(in crate::storage) fn wait_durable(&self, zxid: i64) -> bool {
        let mut state = self.state.lock();
        while state.durable < zxid && !state.has_ended {
            self.progress.wait(&mut state);
        }
        state.durable >= zxid
    }

    /// Waits until a spare is wanted; behind a failure, this long. Gives whether it is: not if
    /// the log ends before.
    pub(super) fn wait_wanted(&self, pause: Option<Duration>) -> bool {
        let mut state = self.state.lock();
        if let Some(pause) = pause {
            let ended = |state: &mut State| !state.is_stopping && !state.has_ended;
            self.reserve.wait_while_for(&mut state, ended, pause);
        }
        while !state.is_stopping && !state.has_ended {
            let wanted = !matches!(state.spares, Spares::Idle | Spares::Ready(_));
            if wanted {
                return true;
            }
            self.reserve.wait(&mut state);
        }
        false
    }

    /// What came of taking space.
    pub(super) fn reserved(&self, spare: Result<Spare, DiskError>) {
        let mut state = self.state.lock();
        let spares = match spare {
            Ok(spare) => Spares::Ready(spare),
            Err(why) if matches!(state.spares, Spares::Wanted) => Spares::Refused(why),
            Err(_) => return,
        };
        state.spares = spares;
        self.work.notify_one();
    }

    /// Takes nothing more.
    pub(super) fn stop(&self) {
        self.state.lock().is_stopping = true;
        self.work.notify_one();
        self.reserve.notify_one();
    }

    /// The log's thread ends.
    pub(super) fn ended(&self) {
        let mut state = self.state.lock();
        state.has_ended = true;
        state.groups = VecDeque::new();
        self.progress.notify_all();
        self.reserve.notify_one();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state.lock();
        f.debug_struct("Shared")
            .field("durable", &state.durable)
            .field("queued", &state.queued)
            .field("limit", &state.limit)
            .finish_non_exhaustive()
    }
}
