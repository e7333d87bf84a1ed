use super::format::{BLOCK_LEN_MAX, Sum, head};
use crate::storage::{Disk, DiskError, File, names};
use std::{io, path::PathBuf, sync::Arc};

/// How much is written between two syncs: one large sync at the end would hold up those of the
/// log for as long as it takes.
const SYNC_LEN: u64 = 4 * 1024 * 1024;

/// A snapshot that is not yet whole. Dropped, it is removed.
pub(in crate::storage) struct Unfinished {
    disk: Arc<dyn Disk>,
    file: Box<dyn File>,
    path: PathBuf,
    zxid: i64,
    sum: Sum,
    len: u64,
    synced_len: u64,
    is_published: bool,
}

// === impl Unfinished ===

impl Unfinished {
    /// Begins one; another that was not finished is gone.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(in crate::storage) fn create(disk: Arc<dyn Disk>, zxid: i64) -> Result<Self, DiskError> {
        let path = disk.path(names::SNAPSHOT_UNFINISHED);
        match disk.remove(names::SNAPSHOT_UNFINISHED) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(DiskError::of("remove", &path)(error));
            }
            _ => {}
        }
        let file = disk.create(names::SNAPSHOT_UNFINISHED);
        let mut this = Self {
            file: file.map_err(DiskError::of("make", &path))?,
            disk,
            path,
            zxid,
            sum: Sum::of_head(zxid),
            len: 0,
            synced_len: 0,
            is_published: false,
        };
        this.write(&head(zxid))?;
        Ok(this)
    }

    /// How long it is.
    pub(in crate::storage) fn len(&self) -> u64 {
        self.len
    }

    /// Writes a block. One without content is none.
    ///
    /// # Errors
    /// Whatever the system says, or that the block is too long.
    pub(in crate::storage) fn push(&mut self, block: &[u8]) -> Result<(), DiskError> {
        if block.is_empty() {
            return Ok(());
        }
        if block.len() > BLOCK_LEN_MAX {
            let error = io::ErrorKind::FileTooLarge.into();
            return Err(DiskError::of("write so long a block to", &self.path)(error));
        }
        let head = self.sum.push(block);
        self.write(&head)?;
        self.write(block)?;
        if self.len - self.synced_len >= SYNC_LEN {
            self.sync()?;
        }
        Ok(())
    }

    /// Writes the foot, and returns when all of it is on the disk.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(in crate::storage) fn finish(&mut self) -> Result<(), DiskError> {
        self.write(&self.sum.foot())?;
        self.sync()
    }

    /// Gives it its name, behind [`finish`](Self::finish), and returns when it has it on the disk.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(in crate::storage) fn publish(&mut self) -> Result<(), DiskError> {
        let name = names::snapshot(self.zxid);
        let renamed = self.disk.rename(names::SNAPSHOT_UNFINISHED, &name);
        renamed.map_err(DiskError::of("rename", &self.path))?;
        self.is_published = true;
        let synced = self.disk.sync();
        synced.map_err(DiskError::of("sync the directory of", &self.path))
    }

    fn sync(&mut self) -> Result<(), DiskError> {
        self.synced_len = self.len;
        self.file.sync().map_err(DiskError::of("sync", &self.path))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        let written = self.file.write_at(bytes, self.len);
        written.map_err(DiskError::of("write", &self.path))?;
        self.len += bytes.len() as u64;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_published {
            // What is left over all the same, the next one or the next start removes.
            let _ = self.disk.remove(names::SNAPSHOT_UNFINISHED);
        }
    }
}
