//! From a data directory to a machine that can go on.

use super::{
    Config, Error,
    core::{Journal, News, Snapshots},
    limits::FRAME_LEN_MAX,
};
use crate::{
    machine::{Machine, Now, Restorer},
    rules::Rules,
    storage::{
        DirLock, OpenDisk, key,
        log::Sizes,
        recovery::{self, Recovered, Refusal, Report},
        writer,
    },
    txn::Entry,
};
use bytes::Bytes;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};
use tokio::task::spawn_blocking;

/// The group and all others may write.
const WRITE_OF_OTHERS: u32 = 0o022;

/// What a start comes to.
pub(super) struct Started {
    pub(super) machine: Machine,
    pub(super) journal: Journal,
    pub(super) snapshots: Snapshots,
    pub(super) lock: DirLock,
    pub(super) found: Found,
}

/// What was in the data directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) znodes: usize,
    pub(super) sessions: usize,
    pub(super) last_zxid: i64,
    /// The snapshot that was read: its last transaction.
    pub(super) snapshot: Option<i64>,
    /// How many transactions of the log came behind it.
    pub(super) replayed: u64,
}

/// Whether the settings make sense together.
pub(super) fn check(config: &Config) -> Result<(), Error> {
    let wrong = |why: &str| Err(Error::Config(why.to_owned()));
    if config.listen.is_empty() && config.listen_tls.is_empty() {
        return wrong("there is no address to listen on");
    }
    if !config.listen_tls.is_empty() && config.tls.is_none() {
        return wrong("there is an address for TLS and no certificate");
    }
    if config.rules.frame_len_max > FRAME_LEN_MAX {
        return wrong(&format!(
            "requests can be {FRAME_LEN_MAX} bytes long at most, and {} were asked for",
            config.rules.frame_len_max
        ));
    }
    Ok(())
}

/// Reads the data directory, and starts the log.
pub(super) async fn recover(config: &Config) -> Result<Started, Error> {
    let (path, mut rules) = (config.data_dir.clone(), config.rules.clone());
    let opener = Arc::clone(&config.disk);
    rules.schemes.x509 = config
        .tls
        .as_ref()
        .is_some_and(|tls| tls.client_ca.is_some());
    let now = config.clock.now();
    match spawn_blocking(move || recover_now(&*opener, &path, rules, now)).await {
        Ok(started) => started,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn recover_now(
    opener: &dyn OpenDisk,
    path: &Path,
    rules: Rules,
    now: Now,
) -> Result<Started, Error> {
    let disk = opener.open(path)?;
    recovery::check(&*disk)?;
    let lock = DirLock::take(path)?;
    tell_access(path);
    let key = key::load(&*disk)?;
    let mut state = State {
        rules,
        key: key.bytes(),
        stage: Stage::Empty,
    };
    let Recovered { log, report } = recovery::recover(&disk, Sizes::default(), &mut state)?;
    key.save(&*disk)?;
    let mut machine = state.into_machine();
    machine.start(now);
    tell(&report);
    if key.is_new() && !machine.sessions().is_empty() {
        tracing::warn!(
            sessions = machine.sessions().len(),
            "there was a snapshot and no key, so a new one was made: no client can go on with its \
             session"
        );
    }
    let found = Found {
        znodes: machine.node_count(),
        sessions: machine.sessions().len(),
        last_zxid: report.last_zxid,
        snapshot: report.snapshot,
        replayed: report.entries,
    };
    let news = Arc::new(News::default());
    let told = Arc::clone(&news);
    let started = writer::start(log, move |event| told.tell(event));
    let (log, snapshots) = started.map_err(Error::Threads)?;
    Ok(Started {
        machine,
        journal: Journal::new(log, news),
        snapshots: Snapshots::new(snapshots),
        lock,
        found,
    })
}

/// Says when others could replace what is in the data directory.
fn tell_access(path: &Path) {
    let mode = fs::metadata(path).map(|metadata| metadata.permissions().mode());
    if mode.is_ok_and(|mode| mode & WRITE_OF_OTHERS != 0) {
        let path = path.display();
        tracing::warn!(
            "others than its owner can write to {path}, and so remove the data or take sessions \
             over: chmod go-w {path}"
        );
    }
}

/// Says what was found that is out of the ordinary.
fn tell(report: &Report) {
    if let Some(torn) = &report.torn {
        tracing::warn!("{torn}");
    }
    if let Some(shortened) = &report.shortened {
        tracing::warn!("{shortened}");
    }
    for (zxid, why) in &report.unusable {
        tracing::error!(
            snapshot = format_args!("{zxid:#x}"),
            "a snapshot could not be read and is put aside; nothing is missing, as the log goes \
             back far enough: {why}"
        );
    }
    for path in &report.removed {
        tracing::debug!(file = %path.display(), "removed what was not finished");
    }
    if report.is_short {
        tracing::warn!("the disk has little space left: writes may be refused soon");
    }
}

/// Puts together what recovery reads.
struct State {
    rules: Rules,
    key: [u8; key::KEY_LEN],
    stage: Stage,
}

enum Stage {
    Empty,
    Snapshot(Box<Restorer>),
    Whole(Box<Machine>),
}

// === impl State ===

impl State {
    fn machine(&mut self) -> &mut Machine {
        if !matches!(self.stage, Stage::Whole(_)) {
            let machine = Machine::new(self.rules.clone(), self.key);
            self.stage = Stage::Whole(Box::new(machine));
        }
        match &mut self.stage {
            Stage::Whole(machine) => machine,
            Stage::Empty | Stage::Snapshot(_) => unreachable!("it was made whole just before"),
        }
    }

    fn into_machine(mut self) -> Machine {
        self.machine();
        match self.stage {
            Stage::Whole(machine) => *machine,
            Stage::Empty | Stage::Snapshot(_) => unreachable!("it was made whole just before"),
        }
    }
}

impl recovery::Replay for State {
    fn block(&mut self, block: Bytes) -> Result<(), Refusal> {
        if !matches!(self.stage, Stage::Snapshot(_)) {
            let restorer = Machine::restore(self.rules.clone(), self.key);
            self.stage = Stage::Snapshot(Box::new(restorer));
        }
        if let Stage::Snapshot(restorer) = &mut self.stage {
            restorer.block(block)?;
        }
        Ok(())
    }

    fn snapshot_end(&mut self, zxid: i64) -> Result<(), Refusal> {
        if let Stage::Snapshot(restorer) = std::mem::replace(&mut self.stage, Stage::Empty) {
            self.stage = Stage::Whole(Box::new(restorer.finish(zxid)?));
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.stage = Stage::Empty;
    }

    fn entry(&mut self, entry: Entry) -> Result<(), Refusal> {
        Ok(self.machine().replay(&entry)?)
    }
}
