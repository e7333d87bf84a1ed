//! Who was told that it leads, in a file: whatever ends the agent, the next one tells each of them
//! that it has lost, or goes on without telling it again.

use super::{contender::Run, machine::Knowledge};
use dockeeper_model::{LockName, decode, encode};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The leadership that a container was told of. Its paths are those of a client below the chroot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Office {
    pub(super) election: LockName,
    /// The election's znode.
    pub(super) path: String,
    /// The leader's own znode.
    pub(super) node: String,
    pub(super) token: i64,
    pub(super) session: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    container: String,
    started_ms: i64,
    /// Whether the container has taken it up.
    is_sure: bool,
    #[serde(flatten)]
    office: Office,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    told: Vec<Entry>,
}

/// Who was told that it leads.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    told: Mutex<BTreeMap<Run, (Office, bool)>>,
}

// === impl Journal ===

impl Journal {
    /// Reads what an earlier process wrote. What cannot be read is lost, and said.
    pub(super) fn open(path: &Path) -> Self {
        let record = match fs::read(path) {
            Ok(content) => decode::<Record>(&content).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Record::default()),
            Err(error) => Err(error),
        };
        let record = record.unwrap_or_else(|error| {
            let path = path.display();
            tracing::warn!(%path, %error, "cannot read which containers were told that they lead");
            Record::default()
        });
        let told = record.told.into_iter().filter_map(|entry| {
            let id = entry.container.parse().ok()?;
            let started_at_ms = entry.started_ms;
            Some((Run { id, started_at_ms }, (entry.office, entry.is_sure)))
        });
        Self {
            path: path.to_owned(),
            told: Mutex::new(told.collect()),
        }
    }

    /// What a run of a container was told last, and of which leadership.
    pub(super) fn told(&self, run: &Run) -> (Knowledge, Option<Office>) {
        match self.told.lock().get(run) {
            None => (Knowledge::Nothing, None),
            Some((office, true)) => (Knowledge::Leads, Some(office.clone())),
            Some((office, false)) => (Knowledge::Unsure, Some(office.clone())),
        }
    }

    /// Notes what a run of a container is told.
    pub(super) fn note(&self, run: Run, knows: Knowledge, office: &Office) {
        let mut told = self.told.lock();
        match knows {
            Knowledge::Nothing => told.remove(&run),
            Knowledge::Unsure => told.insert(run, (office.clone(), false)),
            Knowledge::Leads => told.insert(run, (office.clone(), true)),
        };
        self.write(&told);
    }

    /// Forgets all runs but these: nobody is there to be told.
    pub(super) fn keep(&self, is_kept: impl Fn(&Run) -> bool) {
        let mut told = self.told.lock();
        let before = told.len();
        told.retain(|run, _| is_kept(run));
        if told.len() != before {
            self.write(&told);
        }
    }

    /// Replaces the file as a whole. It need not outlive the machine: no container does.
    fn write(&self, told: &BTreeMap<Run, (Office, bool)>) {
        let entries = told.iter().map(|(run, (office, is_sure))| Entry {
            container: run.id.to_string(),
            started_ms: run.started_at_ms,
            is_sure: *is_sure,
            office: office.clone(),
        });
        let record = Record {
            told: entries.collect(),
        };
        let temporary = self.path.with_extension("new");
        let written = fs::write(&temporary, encode(&record))
            .and_then(|()| fs::rename(&temporary, &self.path));
        if let Err(error) = written {
            let path = self.path.display();
            tracing::warn!(
                %path, %error,
                "cannot write which containers were told that they lead: when the agent ends, the \
                 next one may not tell them that they lead no longer"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_engine::ContainerId;

    #[test]
    fn the_next_process_knows_what_was_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("elections");
        let office = Office {
            election: "orders".parse().unwrap(),
            path: "/elections/orders".to_owned(),
            node: "/elections/orders/a".to_owned(),
            token: 7,
            session: 1,
        };
        let run = |number| Run {
            id: ContainerId::from_bytes([number; 32]),
            started_at_ms: 5,
        };
        let journal = Journal::open(&path);
        for number in 1..=4 {
            journal.note(run(number), Knowledge::Unsure, &office);
        }
        journal.note(run(2), Knowledge::Leads, &office);
        journal.note(run(3), Knowledge::Nothing, &office);
        journal.keep(|kept| *kept != run(4));

        let journal = Journal::open(&path);
        let knows = |number| journal.told(&run(number));
        assert_eq!(knows(1), (Knowledge::Unsure, Some(office.clone())));
        assert_eq!(knows(2), (Knowledge::Leads, Some(office)));
        for number in [3, 4, 5] {
            assert_eq!(knows(number), (Knowledge::Nothing, None));
        }
        let later = Run {
            started_at_ms: 6,
            ..run(2)
        };
        assert_eq!(journal.told(&later), (Knowledge::Nothing, None));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_no_reason_to_fail() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("elections");
        fs::write(&path, "{\"told\":[{}]}").unwrap();
        assert!(Journal::open(&path).told.lock().is_empty());
    }
}
