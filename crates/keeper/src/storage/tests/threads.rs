use super::*;
use crate::storage::{
    Room, names,
    snapshot::{SnapshotError, SnapshotEvent, Snapshots},
    writer::{self, AppendError, Event, LogHandle},
};
use std::{
    io::ErrorKind,
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

/// No event takes as long, but one that never comes.
const SOON: Duration = Duration::from_secs(20);

struct Running {
    log: LogHandle,
    snapshots: Snapshots,
    events: Receiver<Event>,
    /// Events about room that came while something else was waited for.
    told: VecDeque<Event>,
    rng: Rng,
    sent: Vec<Entry>,
}

fn running(disk: &SimDisk) -> Running {
    let (sender, events) = channel();
    running_with(disk, events, move |event| {
        let _ = sender.send(event);
    })
}

fn running_with(
    disk: &SimDisk,
    events: Receiver<Event>,
    notify: impl FnMut(Event) + Send + 'static,
) -> Running {
    let (start, history) = recovered(disk).unwrap();
    let (log, snapshots) = writer::start(start.log, notify).unwrap();
    Running {
        log,
        snapshots,
        events,
        told: VecDeque::new(),
        rng: Rng::with_seed(1),
        sent: history.entries,
    }
}

// === impl Running ===

impl Running {
    fn next(&mut self) -> Vec<Entry> {
        let last = self.sent.last().map_or(0, |entry| entry.zxid);
        entries(last, 1, &mut self.rng)
    }

    /// Gives the log a transaction, if it takes it.
    fn append(&mut self) -> Result<(), AppendError> {
        let next = self.next();
        self.log.append(&next)?;
        self.sent.extend(next);
        Ok(())
    }

    /// Waits until all is durable.
    fn settle(&mut self) {
        while self.log.durable() < self.sent.last().map_or(0, |entry| entry.zxid) {
            match self.events.recv_timeout(SOON).unwrap() {
                Event::Durable(_) => {}
                told @ Event::Room { .. } => self.told.push_back(told),
                Event::Failed(error) => panic!("{error}"),
            }
        }
    }

    /// The next event that is not about what is durable.
    fn other(&mut self) -> Event {
        if let Some(event) = self.told.pop_front() {
            return event;
        }
        loop {
            match self.events.recv_timeout(SOON).unwrap() {
                Event::Durable(_) => {}
                event => return event,
            }
        }
    }
}

/// A notifier that holds the log's thread at its first event until it is let go.
fn held() -> (
    Sender<()>,
    Receiver<Event>,
    impl FnMut(Event) + Send + 'static,
) {
    let (go, gate) = channel();
    let (sender, events) = channel();
    let notify = move |event| {
        let _ = sender.send(event);
        let _ = gate.recv();
    };
    (go, events, notify)
}

#[test]
fn what_came_during_a_sync_shares_the_next() {
    let disk = SimDisk::new(1);
    let (go, events, notify) = held();
    let mut server = running_with(&disk, events, notify);
    server.append().unwrap();
    assert!(matches!(
        server.events.recv_timeout(SOON),
        Ok(Event::Durable(1))
    ));
    let before = disk.syncs();
    // Together they are shorter than a batch may be.
    let begins = (2..=20).map(|zxid| Entry {
        zxid,
        time_ms: 0,
        session: zxid,
        txn: Txn::CloseSession,
    });
    let begins: Vec<_> = begins.collect();
    for entry in &begins {
        server.log.append(std::slice::from_ref(entry)).unwrap();
    }
    server.sent.extend(begins);
    drop(go);
    assert!(matches!(
        server.events.recv_timeout(SOON),
        Ok(Event::Durable(20))
    ));
    assert_eq!(disk.syncs() - before, 1);
    server.log.stop();
    assert_eq!(recovered(&disk).unwrap().1.entries, server.sent);
}

#[test]
fn a_stopped_log_has_all_that_it_took() {
    let disk = SimDisk::new(1);
    let mut server = running(&disk);
    for _ in 0..200 {
        while server.log.is_congested() {
            server.events.recv_timeout(SOON).unwrap();
        }
        server.append().unwrap();
    }
    let sent = server.sent;
    server.log.stop();
    assert!(!disk.names().contains(&names::SPARE.to_owned()));
    let disk = disk.crashed(&mut Rng::with_seed(1));
    assert_eq!(recovered(&disk).unwrap().1.entries, sent);
}

#[test]
fn a_full_disk_leaves_room_for_sessions_and_loses_nothing() {
    let disk = SimDisk::new(1);
    // One segment, and no other.
    disk.set_free(SIZES.segment_len + 100);
    let mut server = running(&disk);
    loop {
        let next = server.next();
        let mut encoded = BytesMut::new();
        next[0].encode(&mut encoded);
        if Room::cost(encoded.len()) > server.log.room().any {
            break;
        }
        server.log.append(&next).unwrap();
        server.sent.extend(next);
        server.settle();
    }
    let told = server.other();
    let Event::Room {
        trouble: Some(why), ..
    } = told
    else {
        panic!("{told:?}");
    };
    assert!(why.to_string().contains("free space there"), "{why}");
    assert!(
        !server.log.is_congested(),
        "nobody should wait for what may never come"
    );
    let end = |zxid| Entry {
        zxid,
        time_ms: 0,
        session: 7,
        txn: Txn::CloseSession,
    };
    let mut ended = 0;
    while Room::cost(28) <= server.log.room().sessions {
        let end = end(server.sent.last().unwrap().zxid + 1);
        server.log.append(std::slice::from_ref(&end)).unwrap();
        server.sent.push(end);
        // What shares a batch takes less than was set aside for it.
        server.settle();
        ended += 1;
    }
    assert!(ended * 512 >= SIZES.session_reserve_len);
    let end = end(server.sent.last().unwrap().zxid + 1);
    assert!(matches!(server.log.append(&[end]), Err(AppendError::Full)));
    server.settle();

    let crashed = disk.crashed(&mut Rng::with_seed(2));
    assert_eq!(recovered(&crashed).unwrap().1.entries, server.sent);

    disk.set_free(u64::MAX);
    let told = server.other();
    assert!(
        matches!(told, Event::Room { trouble: None, .. }),
        "{told:?}"
    );
    server.append().unwrap();
    server.settle();
    assert_eq!(recovered(&disk.restarted()).unwrap().1.entries, server.sent);
}

/// A transaction of this many bytes and some.
fn long(zxid: i64, len: usize) -> Entry {
    Entry {
        zxid,
        time_ms: 0,
        session: 1,
        txn: Txn::Delete {
            path: "x".repeat(len),
        },
    }
}

#[test]
fn what_waits_has_its_room() {
    let disk = SimDisk::new(1);
    let (go, events, notify) = held();
    let mut server = running_with(&disk, events, notify);
    server.append().unwrap();
    server.events.recv_timeout(SOON).unwrap();
    // Each is a batch of its own.
    for zxid in 2..=4 {
        server.log.append(&[long(zxid, 3900)]).unwrap();
    }
    let room = server.log.room();
    go.send(()).unwrap();
    let event = server.events.recv_timeout(SOON);
    assert!(matches!(event, Ok(Event::Durable(2))), "{event:?}");
    assert_eq!(server.log.room(), room);
    drop(go);
    server.log.stop();
}

#[test]
fn room_is_never_more_than_there_is() {
    for seed in 0..300 {
        let mut rng = Rng::with_seed(seed);
        let disk = SimDisk::new(seed);
        disk.set_free(SIZES.segment_len * rng.u64(1..4) + 100);
        let (mut start, _) = recovered(&disk).unwrap();
        let log = &mut start.log;
        let mut queue = VecDeque::new();
        loop {
            if log.wants_spare()
                && let Ok(spare) = crate::storage::log::Spare::make(&disk, SIZES.segment_len)
            {
                log.put_spare(spare);
            }
            let mut room = log.available();
            let mut last = log.last_zxid();
            for _ in 0..rng.usize(1..12) {
                // Long ones, which leave much of a segment unused.
                let len = rng.usize(1500..3900);
                let group = Group::of(&[long(last + 1, len)], last, &SIZES).unwrap();
                if group.cost() <= room {
                    room -= group.cost();
                    last = group.last_zxid();
                    queue.push_back(group);
                }
            }
            if queue.is_empty() {
                break;
            }
            while !queue.is_empty() {
                log.write(&mut queue).unwrap();
            }
        }
        let free = crate::storage::Disk::free(&disk).unwrap();
        assert!(free < SIZES.segment_len, "space was left unused");
    }
}

#[test]
fn a_failed_sync_is_the_end() {
    let disk = SimDisk::new(1);
    let mut server = running(&disk);
    server.append().unwrap();
    server.settle();
    // The next two calls are a write and a sync.
    disk.fail_at(1, ErrorKind::InvalidData);
    server.append().unwrap();
    let event = server.other();
    let Event::Failed(error) = event else {
        panic!("{event:?}");
    };
    assert!(
        error.to_string().contains("start the server again"),
        "{error}"
    );
    assert_eq!(server.log.durable(), 1);
    let (sender, events) = channel();
    let notify = move |event| drop(sender.send(event));
    server.snapshots.begin(2, notify).unwrap().finish();
    let event = events.recv_timeout(SOON).unwrap();
    assert!(
        matches!(event, SnapshotEvent::Failed(SnapshotError::LogEnded)),
        "{event:?}"
    );
    assert!(matches!(server.append(), Err(AppendError::Ended)));
    server.log.stop();
}

#[test]
fn a_failure_is_told_before_the_log_ends() {
    let disk = SimDisk::new(1);
    let (go, events, notify) = held();
    let mut server = running_with(&disk, events, notify);
    disk.fail_at(1, ErrorKind::InvalidData);
    server.append().unwrap();
    let event = server.events.recv_timeout(SOON);
    assert!(matches!(event, Ok(Event::Failed(_))), "{event:?}");
    server.append().unwrap();
    drop(go);
    server.log.stop();
}

#[test]
fn the_queue_is_bounded() {
    let disk = SimDisk::new(1);
    let (go, events, notify) = held();
    let (start, _) = recover_large(&disk);
    let (mut log, _) = writer::start(start.log, notify).unwrap();
    let begin = |zxid| Entry {
        zxid,
        time_ms: 0,
        session: zxid,
        txn: Txn::CloseSession,
    };
    log.append(&[begin(1)]).unwrap();
    events.recv_timeout(SOON).unwrap();
    let mut last = 1;
    while !log.is_congested() {
        last += 1;
        log.append(&[begin(last)]).unwrap();
    }
    assert!((10_000..20_000).contains(&last), "{last}");
    assert!(matches!(
        log.append(&[begin(last + 1)]),
        Err(AppendError::Congested)
    ));
    assert!(matches!(
        log.append(&[begin(last)]),
        Err(AppendError::Group(_))
    ));
    drop(go);
    while log.durable() < last {
        events.recv_timeout(SOON).unwrap();
    }
    assert!(!log.is_congested());
    log.append(&[begin(last + 1)]).unwrap();
    log.stop();
}

/// A log as a server has it.
fn recover_large(disk: &SimDisk) -> (Recovered, History) {
    let mut history = History::default();
    let recovered = recover(&disk.shared(), Sizes::default(), &mut history).unwrap();
    (recovered, history)
}

#[test]
fn a_snapshot_waits_for_the_log() {
    let disk = SimDisk::new(1);
    let (go, events, notify) = held();
    let mut server = running_with(&disk, events, notify);
    server.append().unwrap();
    server.events.recv_timeout(SOON).unwrap();
    server.append().unwrap();
    let (sender, events) = channel();
    let notify = move |event| drop(sender.send(event));
    let mut writer = server.snapshots.begin(2, notify.clone()).unwrap();
    assert!(server.snapshots.begin(2, notify).is_err(), "one at a time");
    for entry in &server.sent {
        let mut block = BytesMut::new();
        entry.encode(&mut block);
        writer.push(block.freeze()).unwrap();
    }
    writer.finish();
    assert!(events.recv_timeout(Duration::from_millis(100)).is_err());
    assert!(!disk.names().contains(&names::snapshot(2)));
    drop(go);
    let event = events.recv_timeout(SOON).unwrap();
    let SnapshotEvent::Written {
        zxid: 2,
        len,
        left: None,
    } = event
    else {
        panic!("{event:?}");
    };
    assert_eq!(len, disk.content(&names::snapshot(2)).len() as u64);
    server.log.stop();
    let (recovered, history) = recovered(&disk.crashed(&mut server.rng)).unwrap();
    assert_eq!((history.entries, history.from_snapshot), (server.sent, 2));
    assert_eq!(recovered.report.entries, 0);
}

#[test]
fn a_snapshot_that_is_given_up_leaves_nothing() {
    let disk = SimDisk::new(1);
    let mut server = running(&disk);
    let (sender, events) = channel();
    let (go, gate) = channel::<()>();
    let notify = move |event| {
        if matches!(event, SnapshotEvent::Ready) {
            let _ = gate.recv();
        }
        drop(sender.send(event));
    };
    let mut writer = server.snapshots.begin(0, notify).unwrap();
    let block = Bytes::from(vec![1; 1024 * 1024]);
    let mut pushed = 0;
    let given_back = loop {
        match writer.push(block.clone()) {
            Ok(()) => pushed += 1,
            Err(block) => break block,
        }
    };
    assert!(given_back == block && pushed >= 8);
    drop(go);
    let event = events.recv_timeout(SOON).unwrap();
    assert!(matches!(event, SnapshotEvent::Ready), "{event:?}");
    writer.push(block).unwrap();
    drop(writer);
    let event = events.recv_timeout(SOON).unwrap();
    assert!(
        matches!(event, SnapshotEvent::Failed(SnapshotError::GivenUp)),
        "{event:?}"
    );
    assert!(
        !disk
            .names()
            .contains(&names::SNAPSHOT_UNFINISHED.to_owned())
    );
    server.log.stop();
}
