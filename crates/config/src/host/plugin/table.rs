//! Which volumes were created. Docker knows it too, but asks before everything that it does.

mod error;

pub use self::error::TableError;

use super::{Options, Volume};
use crate::{durable, host::volume::VolumeName};
use dockeeper_model::{decode, encode};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// How many volumes a host may have: more than it has containers.
pub const VOLUMES_MAX: usize = 10_000;

/// The created volumes, in a file that outlives the agent and the machine.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    volumes: Mutex<BTreeMap<VolumeName, Options>>,
}

/// The file's content.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    volumes: BTreeMap<VolumeName, Options>,
}

// === impl Table ===

impl Table {
    /// Reads the file, if it is there.
    pub fn load(path: &Path) -> Result<Self, TableError> {
        let path = path.to_owned();
        let stored = match fs::read(&path) {
            Ok(content) => decode(&content).map_err(|error| TableError::Foreign {
                path: path.clone(),
                why: error.to_string(),
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Stored::default(),
            Err(error) => return Err(TableError::Read { path, error }),
        };
        Ok(Self {
            path,
            volumes: Mutex::new(stored.volumes),
        })
    }

    /// Notes a volume. One that is there with the same options is fine.
    pub fn create(&self, volume: VolumeName, options: Options) -> Result<(), TableError> {
        let mut volumes = self.volumes.lock();
        match volumes.get(&volume) {
            Some(there) if *there == options => return Ok(()),
            Some(there) => {
                return Err(TableError::Different {
                    there: there.clone(),
                    wanted: options.config.to_string(),
                    volume,
                });
            }
            None if volumes.len() >= VOLUMES_MAX => return Err(TableError::Full),
            None => {}
        }
        let mut changed = volumes.clone();
        changed.insert(volume, options);
        self.replace(&mut volumes, changed)
    }

    /// A volume, if it was created.
    pub fn get(&self, volume: &VolumeName) -> Option<Volume> {
        let volumes = self.volumes.lock();
        let options = volumes.get(volume)?.clone();
        let name = volume.clone();
        Some(Volume { name, options })
    }

    /// All of them, sorted by name.
    pub fn list(&self) -> Vec<Volume> {
        let volumes = self.volumes.lock();
        let volume = |(name, options): (&VolumeName, &Options)| Volume {
            name: name.clone(),
            options: options.clone(),
        };
        volumes.iter().map(volume).collect()
    }

    /// Forgets a volume, if it was created.
    pub fn remove(&self, volume: &VolumeName) -> Result<(), TableError> {
        let mut volumes = self.volumes.lock();
        let mut changed = volumes.clone();
        match changed.remove(volume) {
            Some(_) => self.replace(&mut volumes, changed),
            None => Ok(()),
        }
    }

    /// What is not on disk is not so: Docker must not be told otherwise.
    fn replace(
        &self,
        volumes: &mut BTreeMap<VolumeName, Options>,
        changed: BTreeMap<VolumeName, Options>,
    ) -> Result<(), TableError> {
        let stored = Stored { volumes: changed };
        let written = durable::write(&self.path, &encode(&stored));
        written.map_err(|error| TableError::Write {
            path: self.path.clone(),
            error,
        })?;
        *volumes = stored.volumes;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(app: &str) -> Options {
        let config = app.parse().unwrap();
        Options { config }
    }

    #[test]
    fn the_next_agent_knows_the_volumes_of_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("volumes");
        let table = Table::load(&path).unwrap();
        let name = |text: &str| text.parse::<VolumeName>().unwrap();
        table.create(name("web"), options("shop")).unwrap();
        table.create(name("web"), options("shop")).unwrap();
        table.create(name("db"), options("db")).unwrap();
        let error = table
            .create(name("web"), options("x"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("exists with config=shop, not x"), "{error}");

        let next = Table::load(&path).unwrap();
        assert_eq!(next.get(&name("web")).unwrap().options, options("shop"));
        next.remove(&name("web")).unwrap();
        next.remove(&name("web")).unwrap();
        let names = |table: &Table| table.list().into_iter().map(|v| v.name).collect::<Vec<_>>();
        assert_eq!(names(&next), [name("db")]);
        assert_eq!(names(&Table::load(&path).unwrap()), [name("db")]);
    }

    #[test]
    fn what_could_not_be_written_is_not_so() {
        let folder = tempfile::tempdir().unwrap();
        let table = Table::load(&folder.path().join("missing/volumes")).unwrap();
        let error = table
            .create("web".parse().unwrap(), options("web"))
            .unwrap_err();
        assert!(matches!(error, TableError::Write { .. }), "{error}");
        assert!(table.list().is_empty());
    }

    #[test]
    fn a_file_that_is_something_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("volumes");
        fs::write(&path, "precious").unwrap();
        let error = Table::load(&path).unwrap_err().to_string();
        assert!(error.contains("cannot understand"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }
}
