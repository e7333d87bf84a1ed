use super::{Directory, Disk, DiskError};
use std::{fmt, path::Path, sync::Arc};

/// Opens a data directory: the seam at which tests put a disk that fails.
pub trait OpenDisk: fmt::Debug + Send + Sync {
    /// Opens a directory, and makes it when there is none.
    ///
    /// # Errors
    /// The directory cannot be made or opened.
    fn open(&self, path: &Path) -> Result<Arc<dyn Disk>, DiskError>;
}

/// Opens directories of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

// === impl SystemDisk ===

impl OpenDisk for SystemDisk {
    fn open(&self, path: &Path) -> Result<Arc<dyn Disk>, DiskError> {
        Ok(Arc::new(Directory::open(path)?))
    }
}
