//! The key with which sessions' passwords are made. Without it no client could go on with its
//! session behind a restart; whoever has it can take over any session.

use super::{Disk, DiskError, names};
use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// How long a key is: as long as what SHA-256 makes of it, so that guessing it is no shorter way.
pub const KEY_LEN: usize = 32;

/// Whoever else may read the file can take over sessions.
const MODE_OTHERS: u32 = 0o077;

/// The key of sessions' passwords.
pub struct Key {
    bytes: [u8; KEY_LEN],
    is_new: bool,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The file is not a key.
    #[error(
        "{} has {len} bytes and a key has {KEY_LEN}: put it back from a copy of the directory; \
         or make a new one, and all clients lose their sessions: {}",
        path.display(),
        how_to_make(path)
    )]
    Length {
        /// The file.
        path: PathBuf,
        /// How long it is.
        len: u64,
    },
    /// Others than the server's user may read or change the file.
    #[error(
        "{} can be read or changed by others (mode {mode:04o}), and who has the key can take over \
         any session: run `chmod 600 {}`. If somebody has it, make a new one, and all clients \
         lose their sessions: {}",
        path.display(),
        path.display(),
        how_to_make(path)
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

/// Reads the key. When there is none, draws one, which has to be [saved](Key::save) before
/// anything is given out that was made with it.
///
/// # Errors
/// It cannot be read or drawn, the file is no key, or others may read it.
pub fn load(disk: &dyn Disk) -> Result<Key, KeyError> {
    let path = disk.path(names::KEY);
    let file = match disk.open(names::KEY) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Key::draw(disk)?),
        Err(error) => return Err(DiskError::of("open", &path)(error).into()),
    };
    let mode = file.mode().map_err(DiskError::of("read", &path))?;
    if mode & MODE_OTHERS != 0 {
        return Err(KeyError::Exposed { path, mode });
    }
    let len = file.len().map_err(DiskError::of("read", &path))?;
    let mut bytes = [0; KEY_LEN];
    let read = file.read_at(&mut bytes, 0);
    let read = read.map_err(DiskError::of("read", &path))?;
    if read != KEY_LEN || len != KEY_LEN as u64 {
        return Err(KeyError::Length { path, len });
    }
    // The server that made it may have died between the rename and this.
    disk.sync()
        .map_err(DiskError::of("sync the directory of", &path))?;
    Ok(Key {
        bytes,
        is_new: false,
    })
}

/// How a person makes a key.
pub(super) fn how_to_make(path: &Path) -> String {
    format!(
        "`(umask 077 && head -c {KEY_LEN} /dev/urandom > {})`",
        path.display()
    )
}

// === impl Key ===

impl Key {
    fn draw(disk: &dyn Disk) -> Result<Self, DiskError> {
        let mut bytes = [0; KEY_LEN];
        let drawn = disk.random(&mut bytes);
        drawn.map_err(DiskError::of(
            "make a random key for",
            &disk.path(names::KEY),
        ))?;
        Ok(Self {
            bytes,
            is_new: true,
        })
    }

    /// What passwords are made with.
    pub fn bytes(&self) -> [u8; KEY_LEN] {
        self.bytes
    }

    /// Whether there was none.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Returns when it is on the disk. [Recovery](super::recover) has to be done before: a key
    /// says that there was a log, so it must not be there first.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn save(&self, disk: &dyn Disk) -> Result<(), DiskError> {
        if !self.is_new {
            return Ok(());
        }
        let path = disk.path(names::KEY);
        match disk.remove(names::KEY_UNFINISHED) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let path = disk.path(names::KEY_UNFINISHED);
                return Err(DiskError::of("remove", &path)(error));
            }
            _ => {}
        }
        let write = || {
            let file = disk.create(names::KEY_UNFINISHED)?;
            file.write_at(&self.bytes, 0)?;
            file.sync()?;
            disk.rename(names::KEY_UNFINISHED, names::KEY)?;
            disk.sync()
        };
        write().map_err(DiskError::of("write", &path))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("is_new", &self.is_new)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Directory, sim::SimDisk};
    use fastrand::Rng;
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};

    /// What a server has when it is up.
    fn taken(disk: &dyn Disk) -> Result<[u8; KEY_LEN], KeyError> {
        let key = load(disk)?;
        key.save(disk)?;
        Ok(key.bytes())
    }

    #[test]
    fn stays_the_same_and_is_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Directory::open(dir.path()).unwrap();
        let key = taken(&disk).unwrap();
        assert_ne!(key, [0; KEY_LEN]);
        assert_eq!(taken(&disk).unwrap(), key);
        assert_eq!(disk.open(names::KEY).unwrap().mode().unwrap(), 0o600);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(taken(&Directory::open(other.path()).unwrap()).unwrap(), key);
    }

    #[test]
    fn is_written_only_when_it_is_saved() {
        let disk = SimDisk::new(1);
        assert!(load(&disk).unwrap().is_new());
        assert!(disk.names().is_empty());
        load(&disk).unwrap().save(&disk).unwrap();
        assert!(!load(&disk).unwrap().is_new());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Directory::open(dir.path()).unwrap();
        let key = taken(&disk).unwrap();
        let path = disk.path(names::KEY);
        for mode in [0o640, 0o604, 0o620, 0o602] {
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = load(&disk).unwrap_err().to_string();
            assert!(error.contains(&format!("mode {mode:04o}")), "{error}");
            let advice = format!("`chmod 600 {}`", path.display());
            assert!(error.contains(&advice), "{error}");
        }
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(load(&disk).unwrap().bytes(), key);
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        for content in [&b"short"[..], &[7; KEY_LEN + 1]] {
            let disk = SimDisk::new(1);
            disk.create(names::KEY)
                .unwrap()
                .write_at(content, 0)
                .unwrap();
            let error = load(&disk).unwrap_err();
            assert!(matches!(error, KeyError::Length { .. }), "{error}");
        }
    }

    #[test]
    fn a_key_that_was_given_out_is_never_lost() {
        for seed in 0..500 {
            let mut rng = Rng::with_seed(seed);
            let disk = SimDisk::new(seed);
            disk.crash_at(rng.u64(0..12));
            let first = taken(&disk).ok();
            let disk = disk.crashed(&mut rng);
            let second = taken(&disk).unwrap();
            assert!(first.is_none_or(|first| first == second));
            assert_eq!(taken(&disk.crashed(&mut rng)).unwrap(), second);
        }
    }
}
