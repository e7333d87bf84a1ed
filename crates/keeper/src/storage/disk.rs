//! What storage needs of a directory, so that tests can put one there that fails.

mod directory;
mod file;
mod opener;

pub use self::{
    directory::Directory,
    opener::{OpenDisk, SystemDisk},
};

use std::{
    borrow::Cow,
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A directory with plain files in it.
pub trait Disk: Send + Sync {
    /// The names of all files.
    ///
    /// # Errors
    /// Whatever the system says; so it is for each function here.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Makes an empty file that only this user may read and write.
    ///
    /// # Errors
    /// Also when there is one of this name.
    fn create(&self, name: &str) -> io::Result<Box<dyn File>>;

    /// Opens a file for reading and writing.
    ///
    /// # Errors
    /// Also when there is none.
    fn open(&self, name: &str) -> io::Result<Box<dyn File>>;

    /// Gives a file another name, and takes that name from a file that has it.
    ///
    /// # Errors
    /// Whatever the system says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// Also when there is none.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Returns when every file that was made, renamed or removed is so on the disk.
    ///
    /// # Errors
    /// Whatever the system says.
    fn sync(&self) -> io::Result<()>;

    /// How many bytes are free.
    ///
    /// # Errors
    /// Whatever the system says.
    fn free(&self) -> io::Result<u64>;

    /// Fills `bytes` with what nobody can guess.
    ///
    /// # Errors
    /// Whatever the system says.
    fn random(&self, bytes: &mut [u8]) -> io::Result<()>;

    /// Where a file is, for messages.
    fn path(&self, name: &str) -> PathBuf;
}

/// An open file.
pub trait File: Send {
    /// Its length in bytes.
    ///
    /// # Errors
    /// Whatever the system says; so it is for each function here.
    fn len(&self) -> io::Result<u64>;

    /// Whether it has no bytes.
    ///
    /// # Errors
    /// Whatever the system says.
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Whether it still has a name: what is written to a file without one goes with the process.
    ///
    /// # Errors
    /// Whatever the system says.
    fn has_name(&self) -> io::Result<bool>;

    /// Who may read and write it: the system's permission bits.
    ///
    /// # Errors
    /// Whatever the system says.
    fn mode(&self) -> io::Result<u32>;

    /// The next stretch, from `offset` on, in which there may be anything but zeros; `None` when
    /// there is none. Never empty. What lies before it, and between two of them, reads as zeros,
    /// so it need not be read.
    ///
    /// # Errors
    /// Whatever the system says.
    fn data_from(&self, offset: u64) -> io::Result<Option<Range<u64>>>;

    /// Reads into `bytes` from `offset` on; gives how many there were. Less than asked for only
    /// at the end.
    ///
    /// # Errors
    /// Whatever the system says.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `bytes` from `offset` on.
    ///
    /// # Errors
    /// Whatever the system says; then any part may have been written.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Takes space for the first `len` bytes, so that writing there does not need any. What is
    /// there stays; what is new reads as zeros; a longer file stays as long.
    ///
    /// # Errors
    /// Whatever the system says, above all that the disk is full.
    fn allocate(&self, len: u64) -> io::Result<()>;

    /// Returns when content and length are on the disk.
    ///
    /// # Errors
    /// Whatever the system says; then nobody knows what is on the disk, and asking again does not
    /// tell: the system forgets what it could not write.
    fn sync(&self) -> io::Result<()>;
}

/// A disk inside of what can be shown.
#[derive(Clone)]
pub(super) struct SharedDisk(pub(super) Arc<dyn Disk>);

/// Something could not be done to a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}{}", path.display(), hint(source))]
pub struct DiskError {
    /// What was tried, as a verb.
    pub action: Cow<'static, str>,
    /// On what.
    pub path: PathBuf,
    /// Why it failed.
    pub source: io::Error,
}

// === impl DiskError ===

impl DiskError {
    /// What a failure was, for `map_err`.
    pub(super) fn of(
        action: impl Into<Cow<'static, str>>,
        path: &Path,
    ) -> impl FnOnce(io::Error) -> Self {
        move |source| Self {
            action: action.into(),
            path: path.to_owned(),
            source,
        }
    }
}

impl std::fmt::Debug for SharedDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.path("").display())
    }
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free space there, or move the data directory to a larger disk"
        }
        io::ErrorKind::PermissionDenied => {
            "; the directory and its files have to belong to the user that the server runs as"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "; the system makes a file system read-only when its disk fails: see the kernel's log"
        }
        io::ErrorKind::NotADirectory => {
            "; a part of that path is something else: give another, or move it out of the way"
        }
        _ => "",
    }
}
