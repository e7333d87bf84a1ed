use super::{Current, room::SECTOR, segment::Head};
use crate::storage::{Disk, DiskError, File, names};
use std::{fmt, io};

const MIB_SHIFT: u32 = 20;

/// Space for a segment, before its first transaction is known.
pub(in crate::storage) struct Spare {
    file: Box<dyn File>,
    pub(super) len: u64,
}

/// A number of bytes, for messages.
struct Bytes(u64);

// === impl Spare ===

impl Spare {
    /// Takes the space, and returns when that is on the disk: so the first transaction does not
    /// wait for it. There must be no other spare.
    ///
    /// # Errors
    /// Above all: there is none. Then nothing of it stays taken.
    pub(in crate::storage) fn make(disk: &dyn Disk, len: u64) -> Result<Self, DiskError> {
        Self::take(disk, len, |file| file.sync())
    }

    /// Takes the space for a segment that begins at once.
    ///
    /// # Errors
    /// As [`make`](Self::make).
    pub(in crate::storage) fn make_in_haste(disk: &dyn Disk, len: u64) -> Result<Self, DiskError> {
        Self::take(disk, len, |_| Ok(()))
    }

    fn take(
        disk: &dyn Disk,
        len: u64,
        then: impl FnOnce(&dyn File) -> io::Result<()>,
    ) -> Result<Self, DiskError> {
        let path = disk.path(names::SPARE);
        let made = discard(disk)
            .and_then(|()| reserve(disk, len))
            .and_then(|file| then(&*file).map(|()| file));
        made.map(|file| Self { file, len }).map_err(|source| {
            // Half a segment would only be missing elsewhere. If even this fails, the next
            // attempt begins with it.
            let _ = disk.remove(names::SPARE);
            DiskError::of(format!("take {} for", Bytes(len)), &path)(source)
        })
    }

    /// Makes it the segment that begins with a transaction.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(in crate::storage) fn begin(
        self,
        disk: &dyn Disk,
        first_zxid: i64,
    ) -> Result<Current, DiskError> {
        let name = names::segment(first_zxid);
        let path = disk.path(&name);
        let begin = || {
            let mut id = [0; 8];
            disk.random(&mut id)?;
            let id = u64::from_be_bytes(id);
            // Whole before it has its name: a segment without a head is a damaged one.
            self.file.write_at(&Head { id, first_zxid }.to_bytes(), 0)?;
            self.file.sync()?;
            disk.rename(names::SPARE, &name)?;
            disk.sync()?;
            Ok(id)
        };
        let id = begin().map_err(DiskError::of("begin", &path))?;
        Ok(Current {
            file: self.file,
            path,
            len: self.len,
            id,
            end: SECTOR,
            batches: 0,
            zeroed: SECTOR,
        })
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 >> MIB_SHIFT {
            0 => write!(f, "{} bytes", self.0),
            mib => write!(f, "{mib} MiB"),
        }
    }
}

/// Gives back what a server that died had taken.
fn discard(disk: &dyn Disk) -> io::Result<()> {
    match disk.remove(names::SPARE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn reserve(disk: &dyn Disk, len: u64) -> io::Result<Box<dyn File>> {
    // Asked first, because an attempt takes all that is left, and for as long as it lasts others
    // on this disk have none.
    let free = disk.free()?;
    if free < len {
        let why = format!("only {} are free", Bytes(free));
        return Err(io::Error::new(io::ErrorKind::StorageFull, why));
    }
    let file = disk.create(names::SPARE)?;
    file.allocate(len)?;
    Ok(file)
}
