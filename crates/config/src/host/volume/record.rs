//! What is known of a mount, beside it: a container can write what it likes in the mount itself.

use dockeeper_model::{config::Digest, decode, encode};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// What a container sees in its volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Current {
    /// The number of the release.
    pub release: u64,
    /// The address of what was rendered from it.
    pub digest: Digest,
}

/// What is known of the container that has a mount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Notes {
    /// The container's full id; `None` until it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// What it was told of last, or was started with; `None` while nobody can be sure of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Digest>,
}

/// The directories of a mount. It is written before each change that it tells of, so that whatever
/// ends the agent, the next one can tell what is what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Record {
    /// A number that no directory has had.
    pub(super) next: u64,
    /// By their names.
    pub(super) directories: BTreeMap<String, Directory>,
    pub(super) notes: Notes,
}

/// One directory of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Directory {
    pub(super) release: u64,
    pub(super) digest: Digest,
    /// When it was replaced as the current one, in milliseconds since 1970; `None` for one that is
    /// current or was not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replaced_ms: Option<i64>,
}

// === impl Record ===

impl Record {
    /// Reads it. What cannot be read is as good as none: everything is laid down again.
    pub(super) fn load(path: &Path) -> Self {
        let read = fs::read(path).map_err(|error| error.to_string());
        let record = read.and_then(|bytes| decode(&bytes).map_err(|error| error.to_string()));
        record.unwrap_or_else(|error| {
            if path.exists() {
                let path = path.display();
                tracing::warn!(%path, %error, "cannot read what lies in a volume; laying it down again");
            }
            Self::default()
        })
    }

    /// Replaces the file as a whole. It need not outlive the machine: no mount does.
    pub(super) fn save(&self, path: &Path) -> io::Result<()> {
        let temporary = temporary(path);
        fs::write(&temporary, encode(self))?;
        fs::rename(&temporary, path)
    }

    /// A directory that is no more current.
    pub(super) fn replaced(&mut self, name: &str, now_ms: i64) {
        if let Some(directory) = self.directories.get_mut(name) {
            directory.replaced_ms = Some(now_ms);
        }
    }

    /// The names of those that were replaced so long ago, or by so many since, that nobody reads
    /// them any more.
    pub(super) fn stale(&self, current: Option<&str>, now_ms: i64, keep: Keep) -> Vec<String> {
        let replaced = |(name, directory): (&String, &Directory)| {
            let is_earlier = Some(name.as_str()) != current;
            let replaced_ms = directory.replaced_ms.filter(|_| is_earlier)?;
            Some((replaced_ms, name.clone()))
        };
        let mut earlier: Vec<_> = self.directories.iter().filter_map(replaced).collect();
        earlier.sort_unstable_by(|a, b| b.cmp(a));
        let is_stale = |(n, (replaced_ms, _)): &(usize, (i64, String))| {
            *n >= keep.count || now_ms.saturating_sub(*replaced_ms) >= keep.for_ms
        };
        let stale = earlier.into_iter().enumerate().filter(is_stale);
        stale.map(|(_, (_, name))| name).collect()
    }
}

/// How long earlier directories are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keep {
    /// The newest ones, this many.
    pub(super) count: usize,
    /// For this long after they were replaced.
    pub(super) for_ms: i64,
}

/// Where a mount's record lies.
pub(super) fn path(mount: &Path) -> PathBuf {
    let mut path = mount.as_os_str().to_owned();
    path.push(SUFFIX);
    path.into()
}

/// Removes a mount's record, if there is one.
pub(super) fn remove(mount: &Path) -> io::Result<()> {
    let path = path(mount);
    for file in [temporary(&path), path] {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn temporary(path: &Path) -> PathBuf {
    path.with_extension("new")
}

/// A mount's identifier has no such end: Docker's are hexadecimal digits.
const SUFFIX: &str = ".json";

#[cfg(test)]
mod tests {
    use super::*;

    fn record(replaced_ms: &[Option<i64>]) -> Record {
        let directory = |(n, replaced_ms): (usize, &Option<i64>)| {
            let directory = Directory {
                release: n as u64,
                digest: Digest::new([0; Digest::LEN]),
                replaced_ms: *replaced_ms,
            };
            (format!("..r{n}-0"), directory)
        };
        Record {
            notes: Notes::default(),
            next: 9,
            directories: replaced_ms.iter().enumerate().map(directory).collect(),
        }
    }

    #[test]
    fn what_is_current_or_staged_is_never_stale() {
        let record = record(&[Some(0), Some(10), Some(20), None, Some(5)]);
        let keep = |count, for_ms| Keep { count, for_ms };
        let current = Some("..r4-0");
        assert_eq!(record.stale(current, 20, keep(2, 100)), ["..r0-0"]);
        assert_eq!(
            record.stale(current, 110, keep(2, 100)),
            ["..r1-0", "..r0-0"]
        );
        assert!(record.stale(current, 20, keep(9, 100)).is_empty());
        // A clock that was set back only keeps more.
        assert!(record.stale(current, -1000, keep(9, 100)).is_empty());
    }

    #[test]
    fn is_read_as_it_was_written_and_a_torn_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = path(&folder.path().join("mount"));
        let written = record(&[Some(1), None]);
        written.save(&path).unwrap();
        assert_eq!(Record::load(&path), written);
        fs::write(&path, "{\"next\":").unwrap();
        assert_eq!(Record::load(&path), Record::default());
    }
}
