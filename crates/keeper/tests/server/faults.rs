//! A disk whose faults a test turns on.

use dockeeper_keeper::storage::{Directory, Disk, DiskError, File, OpenDisk};
use std::{
    cell::RefCell,
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// What a disk fails to do; a clone is of the same disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Arc<Switches>);

#[derive(Debug, Default)]
struct Switches {
    no_sync: AtomicBool,
    is_full: AtomicBool,
}

// === impl Faults ===

impl Faults {
    /// Whether the log's syncs fail and lose what was written, as Linux does with a broken disk.
    pub(crate) fn fail_syncs(&self, fail: bool) {
        self.0.no_sync.store(fail, Ordering::SeqCst);
    }

    /// Whether there is no free space.
    pub(crate) fn fill(&self, is_full: bool) {
        self.0.is_full.store(is_full, Ordering::SeqCst);
    }
}

impl OpenDisk for Faults {
    fn open(&self, path: &Path) -> Result<Arc<dyn Disk>, DiskError> {
        Ok(Arc::new(FaultyDisk {
            directory: Directory::open(path)?,
            faults: self.clone(),
        }))
    }
}

struct FaultyDisk {
    directory: Directory,
    faults: Faults,
}

// === impl FaultyDisk ===

impl FaultyDisk {
    fn wrap(&self, name: &str, file: Box<dyn File>) -> Box<dyn File> {
        if !name.starts_with("log.") {
            return file;
        }
        Box::new(LogFile {
            file,
            faults: self.faults.clone(),
            unsynced: RefCell::default(),
        })
    }
}

impl Disk for FaultyDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        self.directory.list()
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn File>> {
        Ok(self.wrap(name, self.directory.create(name)?))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn File>> {
        Ok(self.wrap(name, Disk::open(&self.directory, name)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.directory.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.directory.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.directory.sync()
    }

    fn free(&self) -> io::Result<u64> {
        if self.faults.0.is_full.load(Ordering::SeqCst) {
            return Ok(0);
        }
        self.directory.free()
    }

    fn random(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.directory.random(bytes)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path(name)
    }
}

struct LogFile {
    file: Box<dyn File>,
    faults: Faults,
    /// What was there before it was overwritten, and where, since the last sync.
    unsynced: RefCell<Vec<(u64, Vec<u8>)>>,
}

// === impl LogFile ===

impl LogFile {
    fn lose_unsynced(&self) -> io::Result<()> {
        for (offset, before) in self.unsynced.take().into_iter().rev() {
            self.file.write_at(&before, offset)?;
        }
        Ok(())
    }
}

impl File for LogFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn has_name(&self) -> io::Result<bool> {
        self.file.has_name()
    }

    fn mode(&self) -> io::Result<u32> {
        self.file.mode()
    }

    fn data_from(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        self.file.data_from(offset)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(bytes, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut before = vec![0; bytes.len()];
        let there = self.file.read_at(&mut before, offset)?;
        before.truncate(there);
        self.unsynced.borrow_mut().push((offset, before));
        self.file.write_at(bytes, offset)
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.file.allocate(len)
    }

    fn sync(&self) -> io::Result<()> {
        if self.faults.0.no_sync.load(Ordering::SeqCst) {
            self.lose_unsynced()?;
            return Err(rustix::io::Errno::IO.into());
        }
        self.unsynced.take();
        self.file.sync()
    }
}
