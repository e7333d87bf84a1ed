//! One server for a data directory.

use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use std::{
    fs,
    io::{self, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Holds the process id of the server that has locked it.
const LOCK: &str = "lock";

/// Others than the server's user may know who it is.
const LOCK_MODE: u32 = 0o644;

/// How much of the file is read: more than a process id has digits.
const PID_LEN_MAX: u64 = 32;

/// A directory that this process alone uses, until this is dropped or the process ends.
///
/// The directory itself is locked, as somebody may remove the lock file; and that file too, for
/// the sake of file systems that do not lock directories.
#[derive(Debug)]
pub struct DirLock {
    /// The locks belong to the open files.
    _directory: fs::File,
    _file: fs::File,
}

/// Why a directory is not this process's.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another server has it.
    #[error(
        "{} is in use by another server ({holder}): stop that one, or give this one a data \
         directory of its own",
        path.display()
    )]
    Held {
        /// The directory.
        path: PathBuf,
        /// Which process.
        holder: Holder,
    },
    /// The lock cannot be asked for.
    #[error("cannot lock {}: {source}{}", path.display(), hint(source))]
    Failed {
        /// The lock file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Who holds a lock: a process id, if the file has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder(pub Option<u32>);

// === impl DirLock ===

impl DirLock {
    /// Locks a directory, which has to be there.
    ///
    /// # Errors
    /// Another server has it, or the lock file cannot be made or locked.
    pub fn take(directory: &Path) -> Result<Self, LockError> {
        let handle = lock_directory(directory)?;
        let path = directory.join(LOCK);
        let failed = |source| LockError::Failed {
            path: path.clone(),
            source,
        };
        let mut options = fs::OpenOptions::new();
        // Not emptied before it is locked: it may hold another's process id.
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.mode(LOCK_MODE).open(&path).map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                return Err(LockError::Held {
                    path: directory.to_owned(),
                    holder: Holder::read(&mut file),
                });
            }
            Err(error) => return Err(failed(error.into())),
        }
        write_pid(&mut file).map_err(failed)?;
        Ok(Self {
            _directory: handle,
            _file: file,
        })
    }
}

fn lock_directory(path: &Path) -> Result<fs::File, LockError> {
    let failed = |source| LockError::Failed {
        path: path.to_owned(),
        source,
    };
    let directory = fs::File::open(path).map_err(failed)?;
    match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
        // Network file systems lock only what is open for writing, which no directory can be.
        Ok(()) | Err(Errno::BADF | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(directory),
        Err(Errno::WOULDBLOCK) => Err(LockError::Held {
            path: path.to_owned(),
            holder: Holder::of(path),
        }),
        Err(error) => Err(failed(error.into())),
    }
}

fn write_pid(file: &mut fs::File) -> io::Result<()> {
    let pid = format!("{}\n", std::process::id());
    match file
        .set_len(0)
        .and_then(|()| file.write_all(pid.as_bytes()))
    {
        // It only serves a message; a full disk must not keep a server from reading.
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(()),
        result => result,
    }
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "; it has to belong to the user that the server runs as, and must not be immutable \
             (lsattr shows that)"
        }
        io::ErrorKind::IsADirectory => "; it has to be a file: remove that directory",
        _ => "",
    }
}

// === impl Holder ===

impl Holder {
    /// The one of a directory.
    fn of(directory: &Path) -> Self {
        let file = fs::File::open(directory.join(LOCK));
        file.map_or(Self(None), |mut file| Self::read(&mut file))
    }

    fn read(file: &mut fs::File) -> Self {
        let mut text = String::new();
        let read = file
            .rewind()
            .and_then(|()| file.take(PID_LEN_MAX).read_to_string(&mut text));
        Self(read.ok().and_then(|_| text.trim().parse().ok()))
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(pid) => write!(f, "process {pid}"),
            None => f.write_str("whose process id is not in its lock file"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_server_is_told_who_is_first() {
        let dir = tempfile::tempdir().unwrap();
        let first = DirLock::take(dir.path()).unwrap();
        let error = DirLock::take(dir.path()).unwrap_err().to_string();
        let pid = std::process::id();
        assert!(error.contains(&format!("(process {pid})")), "{error}");
        assert!(error.contains(&*dir.path().to_string_lossy()), "{error}");
        drop(first);
        DirLock::take(dir.path()).unwrap();
    }

    #[test]
    fn a_lock_file_that_was_removed_lets_nobody_in() {
        let dir = tempfile::tempdir().unwrap();
        let first = DirLock::take(dir.path()).unwrap();
        fs::remove_file(dir.path().join(LOCK)).unwrap();
        let error = DirLock::take(dir.path()).unwrap_err();
        assert!(
            matches!(
                error,
                LockError::Held {
                    holder: Holder(None),
                    ..
                }
            ),
            "{error}"
        );
        drop(first);
        DirLock::take(dir.path()).unwrap();
    }

    #[test]
    fn what_is_no_lock_file_is_to_be_removed() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(LOCK)).unwrap();
        let error = DirLock::take(dir.path()).unwrap_err().to_string();
        assert!(error.ends_with("remove that directory"), "{error}");
    }

    #[test]
    fn what_a_dead_server_left_does_not_count() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(LOCK), "4194304999 and more\n").unwrap();
        let first = DirLock::take(dir.path()).unwrap();
        let text = fs::read_to_string(dir.path().join(LOCK)).unwrap();
        assert_eq!(text, format!("{}\n", std::process::id()));
        fs::write(dir.path().join(LOCK), "").unwrap();
        let error = DirLock::take(dir.path()).unwrap_err();
        assert!(matches!(
            error,
            LockError::Held {
                holder: Holder(None),
                ..
            }
        ));
        drop(first);
    }
}
