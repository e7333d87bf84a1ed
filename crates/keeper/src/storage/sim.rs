//! A disk that fails, for tests: power that goes away at any call, calls that fail, no space.
//!
//! What was not synced is there after a crash whole, in part, as garbage, or not at all, and so
//! are names. A failed sync loses some of what it should have written, and says nothing when it
//! is asked again, as Linux does.

mod file;

use self::file::{Content, SimFile};
use super::{Disk, File};
use fastrand::Rng;
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    path::PathBuf,
    sync::Arc,
};

/// A disk; a clone is the same one.
#[derive(Clone)]
pub(super) struct SimDisk(Arc<Mutex<State>>);

#[derive(Clone)]
struct State {
    rng: Rng,
    contents: Vec<Content>,
    /// Names as the system shows them, and as they are on the disk.
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    pending: Vec<NameOp>,
    space: u64,
    calls: u64,
    crash_at: Option<u64>,
    fail_at: Option<(u64, ErrorKind)>,
    /// How often a sync was asked for.
    syncs: u64,
    /// How many bytes were read.
    read: u64,
}

#[derive(Clone)]
enum NameOp {
    Create(String, usize),
    Rename(String, String),
    Remove(String),
}

fn apply(names: &mut BTreeMap<String, usize>, op: &NameOp) {
    match op {
        NameOp::Create(name, id) => {
            names.insert(name.clone(), *id);
        }
        NameOp::Rename(from, to) => {
            if let Some(id) = names.remove(from) {
                names.insert(to.clone(), id);
            }
        }
        NameOp::Remove(name) => {
            names.remove(name);
        }
    }
}

// === impl State ===

impl State {
    /// Each call begins with this.
    fn call(&mut self) -> io::Result<()> {
        let call = self.calls;
        self.calls += 1;
        if self.crash_at.is_some_and(|at| call >= at) {
            return Err(io::Error::other("the power is off"));
        }
        match self.fail_at {
            Some((at, kind)) if at == call => Err(kind.into()),
            _ => Ok(()),
        }
    }

    fn free(&self) -> u64 {
        let used = self.names.values().map(|id| self.contents[*id].space());
        self.space.saturating_sub(used.sum())
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        self.names
            .get(name)
            .copied()
            .ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn name_op(&mut self, op: NameOp) {
        apply(&mut self.names, &op);
        self.pending.push(op);
    }

    fn sync_names(&mut self) {
        self.durable_names.clone_from(&self.names);
        self.pending.clear();
    }
}

// === impl SimDisk ===

impl SimDisk {
    /// An empty disk with plenty of space.
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            rng: Rng::with_seed(seed),
            contents: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            pending: Vec::new(),
            space: u64::MAX,
            calls: 0,
            crash_at: None,
            fail_at: None,
            syncs: 0,
            read: 0,
        })))
    }

    pub(super) fn shared(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    /// Lets so many more calls succeed, and none behind them.
    pub(super) fn crash_at(&self, calls: u64) {
        let mut state = self.0.lock();
        state.crash_at = Some(state.calls + calls);
    }

    /// Lets one call fail.
    pub(super) fn fail_at(&self, calls: u64, kind: ErrorKind) {
        let mut state = self.0.lock();
        state.fail_at = Some((state.calls + calls, kind));
    }

    /// Lets so many more bytes be free.
    pub(super) fn set_free(&self, bytes: u64) {
        let mut state = self.0.lock();
        let free = state.free();
        state.space = (state.space - free).saturating_add(bytes);
    }

    pub(super) fn syncs(&self) -> u64 {
        self.0.lock().syncs
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.0.lock().read
    }

    /// The disk behind a loss of power.
    pub(super) fn crashed(&self, rng: &mut Rng) -> Self {
        let state = self.0.lock();
        let luck = Luck::draw(rng);
        let mut names = state.durable_names.clone();
        for op in &state.pending {
            if luck.keeps(rng) {
                apply(&mut names, op);
            }
        }
        let contents = state.contents.iter();
        let contents = contents.map(|content| content.crashed(luck, rng)).collect();
        Self(Arc::new(Mutex::new(State {
            rng: rng.fork(),
            contents,
            durable_names: names.clone(),
            names,
            pending: Vec::new(),
            space: state.space,
            calls: 0,
            crash_at: None,
            fail_at: None,
            syncs: 0,
            read: 0,
        })))
    }

    /// The disk behind the death of the process alone: the system still knows everything.
    pub(super) fn restarted(&self) -> Self {
        let mut state = self.0.lock().clone();
        (state.crash_at, state.fail_at) = (None, None);
        Self(Arc::new(Mutex::new(state)))
    }

    /// The names of all files, also with the power off.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.lock().names.keys().cloned().collect()
    }

    /// What is in a file.
    pub(super) fn content(&self, name: &str) -> Vec<u8> {
        let state = self.0.lock();
        state.contents[state.names[name]].cached.clone()
    }

    /// Puts a file there, on the disk.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) {
        let mut state = self.0.lock();
        let id = state.contents.len();
        state.contents.push(Content::of(bytes));
        state.name_op(NameOp::Create(name.to_owned(), id));
        state.sync_names();
    }
}

impl Disk for SimDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut state = self.0.lock();
        state.call()?;
        Ok(state.names.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn File>> {
        let mut state = self.0.lock();
        state.call()?;
        if state.names.contains_key(name) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let id = state.contents.len();
        state.contents.push(Content::of(&[]));
        state.name_op(NameOp::Create(name.to_owned(), id));
        Ok(Box::new(SimFile::new(self.clone(), id)))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn File>> {
        let mut state = self.0.lock();
        state.call()?;
        let id = state.find(name)?;
        Ok(Box::new(SimFile::new(self.clone(), id)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.0.lock();
        state.call()?;
        state.find(from)?;
        state.name_op(NameOp::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.0.lock();
        state.call()?;
        state.find(name)?;
        state.name_op(NameOp::Remove(name.to_owned()));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.0.lock();
        state.call()?;
        state.sync_names();
        Ok(())
    }

    fn free(&self) -> io::Result<u64> {
        let mut state = self.0.lock();
        state.call()?;
        Ok(state.free())
    }

    fn random(&self, bytes: &mut [u8]) -> io::Result<()> {
        let mut state = self.0.lock();
        state.call()?;
        state.rng.fill(bytes);
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from("/sim").join(name)
    }
}

/// What becomes of what was not synced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Luck {
    /// All of it is lost.
    None,
    /// All of it is there.
    All,
    /// Some of it is.
    Some,
}

// === impl Luck ===

impl Luck {
    fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..6) {
            0 => Self::None,
            1 => Self::All,
            _ => Self::Some,
        }
    }

    fn keeps(self, rng: &mut Rng) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Some => rng.bool(),
        }
    }
}
