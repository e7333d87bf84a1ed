use super::*;
use crate::storage::{
    log::{LogError, Spare},
    snapshot::retain,
};
use std::io::ErrorKind;

/// How many histories are tried, and how many lives each has at most.
const HISTORIES: u64 = 2000;
const LIVES_MAX: usize = 5;

/// What the world knows of a server.
struct World {
    disk: SimDisk,
    rng: Rng,
    /// All that was given to the log.
    sent: Vec<Entry>,
    /// How much of it was said to be durable.
    acknowledged: usize,
    /// What happened, so that the test can say that it was worth its name.
    seen: Seen,
}

#[derive(Default, Debug)]
struct Seen {
    torn: u64,
    lost: u64,
    kept: u64,
    unusable: u64,
    from_snapshot: u64,
    crashes_in_recovery: u64,
    full: u64,
    segments_removed: u64,
}

// === impl World ===

impl World {
    fn new(seed: u64) -> Self {
        Self {
            disk: SimDisk::new(seed),
            rng: Rng::with_seed(seed),
            sent: Vec::new(),
            acknowledged: 0,
            seen: Seen::default(),
        }
    }

    /// Starts until it works: crashes and failures come to recovery too.
    fn recover(&mut self) -> Log {
        loop {
            let is_hit = self.rng.u8(0..3) == 0;
            if is_hit {
                self.hit(80);
            }
            match recovered(&self.disk) {
                Ok((recovered, history)) => {
                    self.check(&recovered, history);
                    return recovered.log;
                }
                Err(error) => {
                    let is_ours =
                        matches!(error, RecoveryError::Disk(_) | RecoveryError::NoSnapshot(_));
                    assert!(is_hit && is_ours, "{error}");
                    self.seen.crashes_in_recovery += 1;
                    self.die();
                }
            }
        }
    }

    fn check(&mut self, recovered: &Recovered, history: History) {
        let found = history.entries;
        assert!(
            found.len() >= self.acknowledged,
            "an acknowledged transaction is lost"
        );
        assert!(found.len() <= self.sent.len(), "a transaction is invented");
        assert_eq!(found[..], self.sent[..found.len()]);
        let report = &recovered.report;
        assert_eq!(report.last_zxid, recovered.log.last_zxid());
        assert_eq!(usize::try_from(report.last_zxid).unwrap(), found.len());
        let replayed = usize::try_from(report.entries).unwrap();
        assert_eq!(replayed, found.len() - history.from_snapshot);
        self.seen.torn += u64::from(report.torn.is_some());
        self.seen.lost += u64::from(found.len() < self.sent.len());
        self.seen.kept += u64::from(found.len() > self.acknowledged);
        self.seen.unusable += u64::from(!report.unusable.is_empty());
        self.seen.from_snapshot += u64::from(report.snapshot.is_some());
        // Who reads now sees what was not acknowledged, so it may not go away any more.
        self.acknowledged = found.len();
        self.sent.truncate(found.len());
    }

    /// Arms a crash or a failure within the next calls.
    fn hit(&mut self, calls: u64) {
        let at = self.rng.u64(0..calls);
        match self.rng.u8(0..4) {
            0 => self.disk.fail_at(at, ErrorKind::QuotaExceeded),
            1 => self.disk.fail_at(at, ErrorKind::InvalidData),
            _ => self.disk.crash_at(at),
        }
    }

    /// The process is gone, and with it the power, or not.
    fn die(&mut self) {
        self.disk = if self.rng.u8(0..4) == 0 {
            self.disk.restarted()
        } else {
            self.disk.crashed(&mut self.rng)
        };
        self.disk.set_free(u64::MAX);
    }

    /// Does something until something fails.
    fn live(&mut self, log: &mut Log) {
        self.hit(200);
        if self.rng.u8(0..4) == 0 {
            self.disk.set_free(self.rng.u64(0..40_000));
        }
        for _ in 0..60 {
            let goes_on = match self.rng.u8(0..20) {
                0 => self.snapshot(log),
                1 => self.reserve(log),
                _ => self.write(log),
            };
            if !goes_on {
                return;
            }
        }
    }

    fn reserve(&mut self, log: &mut Log) -> bool {
        if log.wants_spare() {
            match Spare::make(&self.disk, SIZES.segment_len) {
                Ok(spare) => log.put_spare(spare),
                Err(_) => self.seen.full += 1,
            }
        }
        true
    }

    fn snapshot(&mut self, log: &Log) -> bool {
        let zxid = usize::try_from(log.last_zxid()).unwrap();
        let segments = |disk: &SimDisk| crate::storage::names::segments(&disk.names()).len() as u64;
        // One that fails leaves the server as it is.
        if snapshot(&self.disk, &self.sent[..zxid]).is_ok() {
            let before = segments(&self.disk);
            let _ = retain(&self.disk);
            self.seen.segments_removed += before - segments(&self.disk);
        }
        true
    }

    fn write(&mut self, log: &mut Log) -> bool {
        let mut queue = VecDeque::new();
        let mut last_zxid = log.last_zxid();
        let mut room = log.available();
        for _ in 0..self.rng.usize(1..4) {
            let count = self.rng.i64(1..3);
            let group = entries(last_zxid, count, &mut self.rng);
            let encoded = Group::of(&group, last_zxid, &SIZES).unwrap();
            if encoded.cost() > room {
                break;
            }
            room -= encoded.cost();
            last_zxid = encoded.last_zxid();
            self.sent.extend(group);
            queue.push_back(encoded);
        }
        while !queue.is_empty() {
            match log.write(&mut queue) {
                Ok(_) => self.acknowledged = usize::try_from(log.last_zxid()).unwrap(),
                Err(error) => {
                    let LogError::Disk(error) = error else {
                        panic!("{error}");
                    };
                    let kind = error.source.kind();
                    assert_ne!(kind, ErrorKind::StorageFull, "there was room: {error}");
                    return false;
                }
            }
        }
        true
    }
}

#[test]
fn nothing_acknowledged_is_ever_lost_and_nothing_is_invented() {
    let mut all = Seen::default();
    for seed in 0..HISTORIES {
        let mut world = World::new(seed);
        for _ in 0..world.rng.usize(1..=LIVES_MAX) {
            let mut log = world.recover();
            world.live(&mut log);
            world.die();
        }
        world.recover();
        let seen = world.seen;
        all.torn += seen.torn;
        all.lost += seen.lost;
        all.kept += seen.kept;
        all.unusable += seen.unusable;
        all.from_snapshot += seen.from_snapshot;
        all.crashes_in_recovery += seen.crashes_in_recovery;
        all.full += seen.full;
        all.segments_removed += seen.segments_removed;
    }
    let each = [
        all.torn,
        all.lost,
        all.kept,
        all.unusable,
        all.from_snapshot,
        all.crashes_in_recovery,
        all.full,
        all.segments_removed,
    ];
    assert!(
        each.iter().all(|times| *times > 20),
        "too little happened: {all:?}"
    );
}
