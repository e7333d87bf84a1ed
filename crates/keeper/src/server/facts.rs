//! What four-letter words tell of the server that does not change, and where to look for the rest.

use super::{Config, Handle, admission::Admission, tally::Tally};
use crate::{
    sessions::TimeoutRange,
    words::{Conf, Environment, Whitelist},
};
use rustix::{
    process::{Resource, getrlimit},
    system::{sysinfo, uname},
};
use std::{env, fs, path::PathBuf, sync::Arc, time::Duration};

/// What begins the names of the log's segments.
const LOG_PREFIX: &str = "log.";

/// The server as people ask for it.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) words: Whitelist,
    pub(super) admission: Arc<Admission>,
    pub(super) tally: Arc<Tally>,
    /// When it started, on its own clock.
    pub(super) since: Duration,
    conf: Conf,
}

// === impl Facts ===

impl Facts {
    pub(super) fn new(
        config: &Config,
        handle: &Handle,
        admission: Arc<Admission>,
        tally: Arc<Tally>,
    ) -> Self {
        let rules = &config.rules;
        Self {
            words: config.words.clone(),
            admission,
            tally,
            since: config.clock.now().mono,
            conf: Conf {
                listen: handle.addresses().first().copied(),
                listen_tls: handle.tls_addresses().first().copied(),
                data_dir: config.data_dir.clone(),
                snapshots_len: 0,
                log_len: 0,
                tick_ms: u32::try_from(rules.tick.as_millis()).unwrap_or(u32::MAX),
                connections_per_address: config.connections_per_address_max,
                timeouts: TimeoutRange {
                    min_ms: rules.session_timeout_min_ms,
                    max_ms: rules.session_timeout_max_ms,
                },
            },
        }
    }

    /// How the server is set up, and how much it keeps.
    pub(super) fn conf(&self) -> Conf {
        let mut conf = self.conf.clone();
        for entry in fs::read_dir(&conf.data_dir).into_iter().flatten().flatten() {
            let len = entry.metadata().map_or(0, |metadata| metadata.len());
            let name = entry.file_name();
            match name.to_string_lossy().starts_with(LOG_PREFIX) {
                true => conf.log_len += len,
                false => conf.snapshots_len += len,
            }
        }
        conf
    }

    /// What the server runs on.
    pub(super) fn environment(&self) -> Environment {
        let (system, memory) = (uname(), sysinfo());
        let unit = u64::from(memory.mem_unit).max(1);
        let variable = |name: &str| env::var(name).unwrap_or_default();
        Environment {
            host_name: system.nodename().to_string_lossy().into_owned(),
            arch: system.machine().to_string_lossy().into_owned(),
            kernel: system.release().to_string_lossy().into_owned(),
            user: variable("USER"),
            home: PathBuf::from(variable("HOME")),
            dir: env::current_dir().unwrap_or_default(),
            memory_free: memory.freeram * unit,
            memory_total: memory.totalram * unit,
        }
    }

    /// How many files are open, and how many may be.
    pub(super) fn files(&self) -> (u64, u64) {
        let open = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        let most = getrlimit(Resource::Nofile).current;
        (open as u64, most.unwrap_or(u64::MAX))
    }
}
