use super::{Luck, SimDisk};
use crate::storage::File;
use fastrand::Rng;
use std::{
    io::{self, ErrorKind},
    ops::Range,
};

/// The disk writes these as a whole, unless the power fails.
const SECTOR: usize = 512;

/// The system writes these on its own, in any order.
const PAGE: usize = 4096;

/// What is in a file, as the system shows it and as it is on the disk.
#[derive(Clone)]
pub(super) struct Content {
    pub(super) cached: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Pending>,
}

#[derive(Clone)]
enum Pending {
    Write(usize, Vec<u8>),
    Grow(usize),
}

// === impl Content ===

impl Content {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            cached: bytes.to_vec(),
            durable: bytes.to_vec(),
            pending: Vec::new(),
        }
    }

    pub(super) fn space(&self) -> u64 {
        self.cached.len() as u64
    }

    fn push(&mut self, pending: Pending) {
        put(&mut self.cached, &pending);
        self.pending.push(pending);
    }

    fn sync(&mut self) {
        for pending in self.pending.drain(..) {
            put(&mut self.durable, &pending);
        }
    }

    /// What was to be written is partly lost, and the system does not know.
    fn fail_sync(&mut self, rng: &mut Rng) {
        for pending in self.pending.drain(..) {
            tear(&mut self.durable, &pending, rng);
        }
    }

    pub(super) fn crashed(&self, luck: Luck, rng: &mut Rng) -> Self {
        let mut bytes = self.durable.clone();
        for pending in &self.pending {
            if luck == Luck::Some {
                tear(&mut bytes, pending, rng);
            } else if luck == Luck::All {
                put(&mut bytes, pending);
            }
        }
        Self::of(&bytes)
    }
}

fn put(bytes: &mut Vec<u8>, pending: &Pending) {
    match pending {
        Pending::Write(offset, new) => {
            let end = offset + new.len();
            bytes.resize(bytes.len().max(end), 0);
            bytes[*offset..end].copy_from_slice(new);
        }
        Pending::Grow(len) => bytes.resize(bytes.len().max(*len), 0),
    }
}

/// Puts some of it.
fn tear(bytes: &mut Vec<u8>, pending: &Pending, rng: &mut Rng) {
    let Pending::Write(offset, new) = pending else {
        if rng.bool() {
            put(bytes, pending);
        }
        return;
    };
    match rng.u8(0..5) {
        0 => {}
        1 => put(bytes, pending),
        2 => {
            let len = rng.usize(0..=new.len());
            put(bytes, &Pending::Write(*offset, new[..len].to_vec()));
        }
        kind => {
            let unit = if kind == 3 { SECTOR } else { PAGE };
            for (at, part) in parts(*offset, new, unit) {
                tear_part(bytes, at, part, rng);
            }
        }
    }
}

/// What falls into the same unit of the disk.
fn parts(offset: usize, bytes: &[u8], unit: usize) -> Vec<(usize, &[u8])> {
    let mut parts = Vec::new();
    let mut at = offset;
    while at < offset + bytes.len() {
        let end = (at / unit * unit + unit).min(offset + bytes.len());
        parts.push((at, &bytes[at - offset..end - offset]));
        at = end;
    }
    parts
}

/// Puts it, or leaves it, or leaves garbage where something was to change.
fn tear_part(bytes: &mut Vec<u8>, at: usize, part: &[u8], rng: &mut Rng) {
    match rng.u8(0..8) {
        0 if bytes.get(at..at + part.len()) != Some(part) => {
            let mut garbage = part.to_vec();
            rng.fill(&mut garbage);
            put(bytes, &Pending::Write(at, garbage));
        }
        0..4 => {}
        _ => put(bytes, &Pending::Write(at, part.to_vec())),
    }
}

/// An open file.
pub(super) struct SimFile {
    disk: SimDisk,
    id: usize,
}

// === impl SimFile ===

impl SimFile {
    pub(super) fn new(disk: SimDisk, id: usize) -> Self {
        Self { disk, id }
    }

    /// Lets a file grow, if there is space.
    fn grow(&self, len: u64, partly: bool) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        let need = len.saturating_sub(state.contents[self.id].space());
        if need > state.free() {
            if partly {
                // As the system does: what it could take, it keeps.
                let len = state.contents[self.id].space() + state.free();
                state.contents[self.id].push(Pending::Grow(usize::try_from(len).unwrap()));
            }
            return Err(ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl File for SimFile {
    fn len(&self) -> io::Result<u64> {
        let mut state = self.disk.0.lock();
        state.call()?;
        Ok(state.contents[self.id].space())
    }

    fn has_name(&self) -> io::Result<bool> {
        let mut state = self.disk.0.lock();
        state.call()?;
        Ok(state.names.values().any(|id| *id == self.id))
    }

    fn mode(&self) -> io::Result<u32> {
        self.disk.0.lock().call()?;
        Ok(0o600)
    }

    /// Whatever has not been written, and zeros, are holes, by the page.
    fn data_from(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        let mut state = self.disk.0.lock();
        state.call()?;
        let cached = &state.contents[self.id].cached;
        let from = usize::try_from(offset).unwrap().min(cached.len());
        let mut pages = parts(from, &cached[from..], PAGE).into_iter();
        let data = pages.find(|(_, page)| page.iter().any(|byte| *byte != 0));
        Ok(data.map(|(at, page)| at as u64..(at + page.len()) as u64))
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.0.lock();
        state.call()?;
        let cached = &state.contents[self.id].cached;
        let from = usize::try_from(offset).unwrap().min(cached.len());
        let len = bytes.len().min(cached.len() - from);
        bytes[..len].copy_from_slice(&cached[from..from + len]);
        state.read += len as u64;
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.grow(offset + bytes.len() as u64, false)?;
        let mut state = self.disk.0.lock();
        let done = state.call();
        let from = usize::try_from(offset).unwrap();
        // One that fails may have written something, and so does one that the power ends.
        let len = match done {
            Ok(()) => bytes.len(),
            Err(_) => state.rng.usize(0..=bytes.len()),
        };
        state.contents[self.id].push(Pending::Write(from, bytes[..len].to_vec()));
        done
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.grow(len, true)?;
        let mut state = self.disk.0.lock();
        state.call()?;
        let len = usize::try_from(len).unwrap();
        state.contents[self.id].push(Pending::Grow(len));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        state.syncs += 1;
        let done = state.call();
        let mut rng = state.rng.fork();
        let content = &mut state.contents[self.id];
        match &done {
            Ok(()) => content.sync(),
            // With the power off, what is pending is dealt with when it is back.
            Err(error) if error.kind() == ErrorKind::Other => {}
            Err(_) => content.fail_sync(&mut rng),
        }
        done
    }
}
