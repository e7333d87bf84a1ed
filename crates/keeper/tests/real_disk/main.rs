//! The log and its recovery on file systems that are really full. Needs root, to mount them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod mount;

use self::mount::Mount;
use bytes::Bytes;
use dockeeper_keeper::{
    Entry, NodeKind, Txn,
    storage::{
        DirLock, Directory, Disk, Replay, Room, key,
        log::Sizes,
        recover,
        recovery::{Refusal, Report},
        snapshot::{SnapshotError, SnapshotEvent, Snapshots},
        writer::{self, Event, LogHandle},
    },
};
use std::{
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

/// No event takes as long, but one that never comes.
const SOON: Duration = Duration::from_secs(20);

const SIZES: Sizes = Sizes {
    segment_len: 1024 * 1024,
    group_len_max: 128 * 1024,
    batch_len_max: 256 * 1024,
    session_reserve_len: 64 * 1024,
    zeros_len: 64 * 1024,
};

#[derive(Default)]
struct History(Vec<Entry>);

impl Replay for History {
    fn block(&mut self, _: Bytes) -> Result<(), Refusal> {
        Ok(())
    }

    fn snapshot_end(&mut self, _: i64) -> Result<(), Refusal> {
        Ok(())
    }

    fn reset(&mut self) {
        self.0.clear();
    }

    fn entry(&mut self, entry: Entry) -> Result<(), Refusal> {
        self.0.push(entry);
        Ok(())
    }
}

struct Server {
    log: LogHandle,
    snapshots: Snapshots,
    events: Receiver<Event>,
    entries: Vec<Entry>,
    report: Report,
    _lock: DirLock,
}

fn start(path: &Path) -> Server {
    let directory = Directory::open(path).unwrap();
    let lock = DirLock::take(path).unwrap();
    let key = key::load(&directory).unwrap();
    let disk: Arc<dyn Disk> = Arc::new(directory);
    let mut history = History::default();
    let recovered = recover(&disk, SIZES, &mut history).unwrap();
    key.save(&*disk).unwrap();
    let (sender, events) = channel();
    let notify = move |event| drop(sender.send(event));
    let (log, snapshots) = writer::start(recovered.log, notify).unwrap();
    Server {
        log,
        snapshots,
        events,
        entries: history.0,
        report: recovered.report,
        _lock: lock,
    }
}

fn create(zxid: i64) -> Entry {
    let data = vec![u8::try_from(zxid % 251).unwrap(); usize::try_from(zxid * 997 % 9000).unwrap()];
    Entry {
        zxid,
        time_ms: zxid,
        session: 1,
        txn: Txn::Create {
            path: format!("/{zxid}"),
            data: Some(data.into()),
            acl: Vec::new(),
            kind: NodeKind::Persistent,
        },
    }
}

// === impl Server ===

impl Server {
    /// Writes until there is no more room, or so many.
    fn write(&mut self, count: usize) -> usize {
        for done in 0..count {
            while self.log.is_congested() {
                self.event();
            }
            let next = create(self.entries.len() as i64 + 1);
            if self.log.room().any < Room::cost(10_000) {
                return done;
            }
            self.log.append(std::slice::from_ref(&next)).unwrap();
            self.entries.push(next);
        }
        count
    }

    fn settle(&mut self) {
        while self.log.durable() < self.entries.len() as i64 {
            self.event();
        }
    }

    /// Waits for an event; gives the trouble with space, if it is about that.
    fn event(&mut self) -> Option<Option<String>> {
        match self.events.recv_timeout(SOON).unwrap() {
            Event::Durable(_) => None,
            Event::Room { trouble, .. } => Some(trouble.map(|why| why.to_string())),
            Event::Failed(error) => panic!("{error}"),
        }
    }

    fn room(&mut self) -> Option<String> {
        loop {
            if let Some(trouble) = self.event() {
                return trouble;
            }
        }
    }

    /// Ends it, and starts it again.
    fn restart(self, path: &Path) -> Self {
        let entries = self.entries;
        self.log.stop();
        drop(self._lock);
        let again = start(path);
        assert_eq!(again.entries, entries);
        assert_eq!(again.report.torn, None);
        again
    }
}

/// Fills a disk, goes on when there is space, and starts again in each state.
fn full_disk(mount: &Mount) {
    let path = mount.data();
    let mut server = start(&path);
    assert_eq!(server.write(100), 100);
    server.settle();
    mount.fill();
    assert!(server.write(1_000_000) < 1_000_000);
    server.settle();
    while let Ok(event) = server.events.try_recv() {
        assert!(!matches!(event, Event::Failed(_)));
    }
    // The reserve is there for the ends of sessions.
    while server.log.room().sessions >= Room::cost(28) {
        let zxid = server.entries.len() as i64 + 1;
        let end = Entry {
            zxid,
            time_ms: 0,
            session: 1,
            txn: Txn::CloseSession,
        };
        server.log.append(std::slice::from_ref(&end)).unwrap();
        server.entries.push(end);
        // What shares a batch takes less than was set aside for it.
        server.settle();
    }
    snapshot_fails(&mut server);

    let mut server = server.restart(&path);
    assert!(server.room().unwrap().contains("free space there"));
    assert_eq!(server.write(1), 0);
    mount.unfill();
    assert_eq!(server.room(), None);
    assert_eq!(server.write(300), 300);
    server.settle();
    server.restart(&path).log.stop();
}

fn snapshot_fails(server: &mut Server) {
    let (sender, events) = channel();
    let notify = move |event| drop(sender.send(event));
    let zxid = server.entries.len() as i64;
    let mut writer = server.snapshots.begin(zxid, notify).unwrap();
    for _ in 0..7 {
        writer.push(vec![1; 1024 * 1024].into()).unwrap();
    }
    writer.finish();
    let event = events.recv_timeout(SOON).unwrap();
    assert!(
        matches!(event, SnapshotEvent::Failed(SnapshotError::Disk(_))),
        "{event:?}"
    );
}

#[test]
fn a_full_tmpfs_loses_nothing() {
    full_disk(&Mount::tmpfs(6));
}

#[test]
fn a_full_ext4_loses_nothing() {
    full_disk(&Mount::ext4(24));
}

#[test]
fn a_start_without_any_space_says_what_to_do() {
    let mount = Mount::tmpfs(4);
    let directory = Directory::open(&mount.data()).unwrap();
    mount.fill();
    let disk: Arc<dyn Disk> = Arc::new(directory);
    let error = recover(&disk, SIZES, &mut History::default()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("take 1 MiB for") && text.contains("free space there"),
        "{text}"
    );
}
