//! The key with which sessions' passwords are made. Without it no client could go on with its
//! session behind a restart; whoever has it can take over any session.

use super::{Disk, DiskError, names};
use std::{io, path::PathBuf};

/// How long a key is: as long as what SHA-256 makes of it, so that guessing it is no shorter way.
pub const KEY_LEN: usize = 32;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The file is not a key.
    #[error(
        "{} has {len} bytes and a key has {KEY_LEN}: put it back from a copy of the directory, or \
         remove it, and all clients lose their sessions",
        path.display()
    )]
    Length {
        /// The file.
        path: PathBuf,
        /// How long it is.
        len: u64,
    },
}

/// Reads the key; makes it when there is none.
///
/// # Errors
/// It cannot be read or made, or the file is no key.
pub fn load(disk: &dyn Disk) -> Result<[u8; KEY_LEN], KeyError> {
    let path = disk.path(names::KEY);
    let file = match disk.open(names::KEY) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(make(disk)?),
        Err(error) => return Err(DiskError::of("open", &path)(error).into()),
    };
    let len = file.len().map_err(DiskError::of("read", &path))?;
    let mut key = [0; KEY_LEN];
    let read = file.read_at(&mut key, 0);
    let read = read.map_err(DiskError::of("read", &path))?;
    if read != KEY_LEN || len != KEY_LEN as u64 {
        return Err(KeyError::Length { path, len });
    }
    // The server that made it may have died between the rename and this.
    disk.sync()
        .map_err(DiskError::of("sync the directory of", &path))?;
    Ok(key)
}

fn make(disk: &dyn Disk) -> Result<[u8; KEY_LEN], DiskError> {
    let path = disk.path(names::KEY);
    let mut key = [0; KEY_LEN];
    disk.random(&mut key)
        .map_err(DiskError::of("make a random key for", &path))?;
    match disk.remove(names::KEY_UNFINISHED) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let path = disk.path(names::KEY_UNFINISHED);
            return Err(DiskError::of("remove", &path)(error));
        }
        _ => {}
    }
    let write = || {
        let file = disk.create(names::KEY_UNFINISHED)?;
        file.write_at(&key, 0)?;
        file.sync()?;
        disk.rename(names::KEY_UNFINISHED, names::KEY)?;
        disk.sync()
    };
    write().map_err(DiskError::of("write", &path))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Directory, sim::SimDisk};
    use fastrand::Rng;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn stays_the_same_and_is_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Directory::open(dir.path()).unwrap();
        let key = load(&disk).unwrap();
        assert_ne!(key, [0; KEY_LEN]);
        assert_eq!(load(&disk).unwrap(), key);
        let mode = std::fs::metadata(disk.path(names::KEY))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(load(&Directory::open(other.path()).unwrap()).unwrap(), key);
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
            let first = load(&disk).ok();
            let disk = disk.crashed(&mut rng);
            let second = load(&disk).unwrap();
            assert!(first.is_none_or(|first| first == second));
            assert_eq!(load(&disk.crashed(&mut rng)).unwrap(), second);
        }
    }
}
