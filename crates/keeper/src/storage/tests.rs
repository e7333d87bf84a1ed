//! Histories: transactions, snapshots, crashes and failures in any order, and recovery after
//! each.

mod damage;
mod histories;
mod lost;
mod threads;

use super::{
    Recovered, Replay, key,
    log::{Group, Log, Sizes},
    recovery::{RecoveryError, Refusal, recover},
    sim::SimDisk,
    snapshot::Unfinished,
};
use crate::txn::{Entry, NodeKind, Txn};
use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{Decoder, Record};
use fastrand::Rng;
use std::collections::VecDeque;

/// So short that a history meets every border.
const SIZES: Sizes = Sizes {
    segment_len: 16 * 1024,
    group_len_max: 4 * 1024,
    batch_len_max: 6 * 1024,
    session_reserve_len: 1024,
    zeros_len: 2048,
};

/// A state that is its own history.
#[derive(Debug, Default)]
struct History {
    entries: Vec<Entry>,
    /// How many came out of a snapshot.
    from_snapshot: usize,
}

// === impl History ===

impl Replay for History {
    fn block(&mut self, block: Bytes) -> Result<(), Refusal> {
        let mut input = Decoder::new(block);
        while input.remaining() > 0 {
            self.entries.push(input.read()?);
        }
        Ok(())
    }

    fn snapshot_end(&mut self, zxid: i64) -> Result<(), Refusal> {
        self.from_snapshot = self.entries.len();
        let last = self.entries.last().map_or(0, |entry| entry.zxid);
        if last == zxid {
            Ok(())
        } else {
            Err("another zxid".into())
        }
    }

    fn reset(&mut self) {
        self.entries.clear();
    }

    fn entry(&mut self, entry: Entry) -> Result<(), Refusal> {
        self.entries.push(entry);
        Ok(())
    }
}

/// A transaction whose content is chance.
fn entry(zxid: i64, rng: &mut Rng) -> Entry {
    let txn = if rng.u8(0..3) == 0 {
        Txn::CreateSession {
            timeout_ms: rng.i32(..),
        }
    } else {
        let mut data = vec![0; rng.usize(0..1500)];
        rng.fill(&mut data);
        Txn::Create {
            path: format!("/{zxid}"),
            data: Some(data.into()),
            acl: Vec::new(),
            kind: NodeKind::Persistent,
        }
    };
    Entry {
        zxid,
        time_ms: rng.i64(..),
        session: rng.i64(..),
        txn,
    }
}

/// Transactions behind `last_zxid`.
fn entries(last_zxid: i64, count: i64, rng: &mut Rng) -> Vec<Entry> {
    (1..=count)
        .map(|more| entry(last_zxid + more, rng))
        .collect()
}

fn recovered(disk: &SimDisk) -> Result<(Recovered, History), RecoveryError> {
    let mut history = History::default();
    let recovered = recover(&disk.shared(), SIZES, &mut history)?;
    let key = key::load(disk);
    if let Err(key::KeyError::Disk(error)) = key.and_then(|key| Ok(key.save(disk)?)) {
        return Err(error.into());
    }
    Ok((recovered, history))
}

/// Writes each transaction as a batch of its own.
fn write_each(log: &mut Log, entries: &[Entry]) {
    for entry in entries {
        let group = Group::of(std::slice::from_ref(entry), log.last_zxid(), &SIZES).unwrap();
        log.write(&mut VecDeque::from([group])).unwrap();
    }
}

/// Writes a snapshot of these, all blocks of which are short.
fn snapshot(disk: &SimDisk, entries: &[Entry]) -> Result<(), super::DiskError> {
    let zxid = entries.last().map_or(0, |entry| entry.zxid);
    let mut file = Unfinished::create(disk.shared(), zxid)?;
    for entries in entries.chunks(3) {
        let mut block = BytesMut::new();
        entries.iter().for_each(|entry| entry.encode(&mut block));
        file.push(&block)?;
    }
    file.finish()?;
    file.publish()
}
