//! What a testbed leaves written down, so that another process can find it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    layout::Layout,
    pid::Owner,
};

/// Where the records and their lock are. It empties at a boot, as do the things recorded.
pub(crate) const DIRECTORY: &str = "/run/dockeeper-testbed";

/// A testbed that exists, or that a killed process has left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its nodes, names and addresses.
    pub layout: Layout,
    /// The process that it ends with; none if it stays until it is brought down.
    pub owner: Option<Owner>,
}

/// Who still needs a testbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It stays until it is brought down.
    Persistent,
    /// A process that runs.
    Owned(Owner),
    /// Nobody: its process has ended without cleaning up.
    Abandoned,
}

impl Record {
    /// Who still needs the testbed.
    #[must_use]
    pub fn state(&self) -> State {
        match self.owner {
            None => State::Persistent,
            Some(owner) if owner.is_alive() => State::Owned(owner),
            Some(_) => State::Abandoned,
        }
    }

    /// All testbeds that are written down, by number.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the directory is there and cannot be read.
    pub fn all() -> Result<Vec<Self>> {
        let entries = match fs::read_dir(DIRECTORY) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::file("list", DIRECTORY))?,
        };
        let names = entries.flatten().map(|entry| entry.file_name());
        let names = names.filter(|name| Path::new(name).extension().is_some_and(|e| e == "json"));
        let numbers = names.filter_map(|name| Layout::number_of(name.to_str()?));
        let mut records: Vec<_> = numbers.filter_map(Self::read).collect();
        records.sort_by_key(|record| record.layout.number);
        Ok(records)
    }

    /// A record that makes no sense counts as abandoned: what it stood for is found by its number.
    pub(crate) fn read(number: u8) -> Option<Self> {
        let text = fs::read_to_string(path(number)).ok()?;
        let record = serde_json::from_str(&text)
            .ok()
            .filter(|r: &Self| r.layout.number == number);
        Some(record.unwrap_or_else(|| Self::abandoned(number)))
    }

    pub(crate) fn abandoned(number: u8) -> Self {
        let layout = Layout {
            number,
            hosts: 0,
            zookeepers: 0,
        };
        Self {
            layout,
            owner: Some(Owner { pid: 0, started: 0 }),
        }
    }

    pub(crate) fn write(&self) -> Result<()> {
        let path = path(self.layout.number);
        let temporary = path.with_extension("tmp");
        let text = serde_json::to_string(self).expect("a record is plain numbers");
        fs::write(&temporary, text).map_err(Error::file("write", &temporary))?;
        // Renamed into place, so that nobody reads half a record.
        fs::rename(&temporary, &path).map_err(Error::file("write", &path))
    }

    pub(crate) fn remove(number: u8) -> Result<()> {
        let path = path(number);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::file("remove", path)(error))
            }
            _ => Ok(()),
        }
    }
}

fn path(number: u8) -> PathBuf {
    let layout = Layout {
        number,
        hosts: 0,
        zookeepers: 0,
    };
    Path::new(DIRECTORY)
        .join(layout.name())
        .with_extension("json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_its_codec() {
        let layout = Layout {
            number: 3,
            hosts: 2,
            zookeepers: 1,
        };
        for owner in [None, Some(Owner::current())] {
            let record = Record { layout, owner };
            let text = serde_json::to_string(&record).unwrap();
            assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
        }
    }

    #[test]
    fn the_state_follows_the_owner() {
        let mut record = Record::abandoned(3);
        assert_eq!(record.state(), State::Abandoned);
        record.owner = Some(Owner::current());
        assert_eq!(record.state(), State::Owned(Owner::current()));
        record.owner = None;
        assert_eq!(record.state(), State::Persistent);
    }
}
