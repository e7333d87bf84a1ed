//! A data directory in memory, and what the targets on storage do with it.

mod memory;

use self::memory::Memory;
use bytes::Bytes;
use dockeeper_keeper::{
    Entry, Txn,
    storage::{
        Replay,
        log::Sizes,
        recover,
        recovery::{RecoveryError, Refusal},
        writer,
    },
};
use std::sync::{Arc, OnceLock};

/// So short that an input reaches its end.
const SIZES: Sizes = Sizes {
    segment_len: 8 * 1024,
    group_len_max: 1024,
    batch_len_max: 2 * 1024,
    session_reserve_len: 512,
    zeros_len: 1024,
};

const ENTRIES: i64 = 6;

/// The first segment.
const LOG: &str = "log.0000000000000001";

/// How long its head is.
const HEAD_LEN: usize = 512;

/// All that comes out of a directory.
#[derive(Default)]
struct History {
    entries: Vec<Entry>,
    blocks: Vec<Bytes>,
}

// === impl History ===

impl Replay for History {
    fn block(&mut self, block: Bytes) -> Result<(), Refusal> {
        self.blocks.push(block);
        Ok(())
    }

    fn snapshot_end(&mut self, _: i64) -> Result<(), Refusal> {
        Ok(())
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn entry(&mut self, entry: Entry) -> Result<(), Refusal> {
        self.entries.push(entry);
        Ok(())
    }
}

/// A log of arbitrary bytes behind a head when the first byte is odd, or else the one that was
/// written, changed: the rest says where (two bytes) and how (one). What comes out is an error, or
/// a beginning of what went in, and again the same.
pub fn log(data: &[u8]) {
    let (written, log) = written();
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let is_own = first % 2 == 1;
    let mut damaged = log.clone();
    if is_own {
        damaged.truncate(HEAD_LEN);
        damaged.extend_from_slice(rest);
        // As long as it was reserved: what is shorter was cut by somebody, and is refused.
        damaged.resize(log.len(), 0);
    } else {
        change(&mut damaged, rest);
    }
    let memory = Memory::with(LOG, damaged);
    let Some(history) = read(&memory) else {
        return;
    };
    let is_beginning = written.starts_with(&history.entries);
    assert!(is_own || is_beginning, "a transaction was invented");
    let again = read(&memory).expect("it was mended");
    assert_eq!(again.entries, history.entries);
}

/// A snapshot of arbitrary bytes: it is not loaded, unless it is the one that was written.
pub fn snapshot(data: &[u8]) {
    let (written, log) = written();
    let memory = Memory::with(LOG, log.clone());
    memory.put("snapshot.0000000000000003", data.to_vec());
    let history = read(&memory).expect("the log goes back to its beginning");
    if history.blocks.is_empty() {
        let skipped = written.len() - history.entries.len();
        assert!(written.ends_with(&history.entries) && (skipped == 0 || skipped == 3));
    }
}

fn change(bytes: &mut [u8], changes: &[u8]) {
    for change in changes.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]]));
        let len = bytes.len();
        bytes[at % len] ^= change[2];
    }
}

fn read(memory: &Memory) -> Option<History> {
    // A log without it is refused.
    memory.put("key", vec![7; 32]);
    let mut history = History::default();
    match recover(&memory.shared(), SIZES, &mut history) {
        Ok(_) => Some(history),
        Err(RecoveryError::Disk(error)) => panic!("nothing fails in memory: {error}"),
        Err(_) => None,
    }
}

/// A log, and what is in it.
fn written() -> &'static (Vec<Entry>, Vec<u8>) {
    static WRITTEN: OnceLock<(Vec<Entry>, Vec<u8>)> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let memory = Memory::default();
        let started = recover(&memory.shared(), SIZES, &mut History::default());
        let (sender, events) = std::sync::mpsc::channel();
        let notify = move |event| drop(sender.send(event));
        let log = started.expect("an empty directory is one").log;
        let (mut log, _) = writer::start(log, notify).expect("there are threads");
        let entries: Vec<_> = (1..=ENTRIES).map(entry).collect();
        for entry in &entries {
            log.append(std::slice::from_ref(entry))
                .expect("there is room");
            // Each in a batch of its own.
            events.recv().expect("it becomes durable");
        }
        log.stop();
        (entries, memory.content(LOG))
    })
}

fn entry(zxid: i64) -> Entry {
    let path = format!("/{}", "x".repeat(usize::try_from(zxid).unwrap_or(0) * 100));
    Entry {
        zxid,
        time_ms: 0,
        session: 1,
        txn: Txn::Delete { path },
    }
}

impl Memory {
    fn shared(&self) -> Arc<dyn dockeeper_keeper::storage::Disk> {
        Arc::new(self.clone())
    }
}
