//! The file system of a mount.

use super::{Error, Result, remap::Owner};
use rustix::{
    io::Errno,
    mount::{MountFlags, UnmountFlags, mount, unmount},
};
use std::{ffi::CString, io, path::Path};

/// How much a mount holds: several of the largest releases (the current one, one that is laid down,
/// and [`KEEP_MAX`](super::KEEP_MAX) earlier ones), with room for what templates add.
pub const SIZE_BYTES_MAX: u64 = 128 << 20;

/// How many files and folders a mount holds: several releases of the most files, in folders.
pub const FILES_MAX: u64 = 16 << 10;

/// Scripts may be part of a configuration, so programs may be run; nothing may gain rights by it.
const FLAGS: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// Makes a file system at a directory. Its root belongs to the containers' root.
pub(super) fn make(path: &Path, source: &str, owner: Owner) -> Result<()> {
    let Owner { uid, gid } = owner;
    let data = format!("mode=0755,uid={uid},gid={gid},size={SIZE_BYTES_MAX},nr_inodes={FILES_MAX}");
    // Secrets must not reach a disk. Before 6.4 the kernel could not promise that.
    match attempt(path, source, &format!("{data},noswap")) {
        Err(Errno::INVAL) => {
            tracing::debug!("this kernel may swap volumes out: it has no tmpfs with `noswap`");
            attempt(path, source, &data)
        }
        made => made,
    }
    .map_err(|error| failed(path, error))
}

/// Takes it away. Processes that have it open keep it until they close it.
pub(super) fn remove(path: &Path) -> Result<()> {
    match unmount(path, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW) {
        // There was none.
        Ok(()) | Err(Errno::INVAL | Errno::NOENT) => Ok(()),
        Err(error) => Err(Error::File {
            action: "unmount",
            path: path.to_owned(),
            error: error.into(),
        }),
    }
}

fn attempt(path: &Path, source: &str, data: &str) -> rustix::io::Result<()> {
    let data = CString::new(data).map_err(|_| Errno::INVAL)?;
    mount(source, path, "tmpfs", FLAGS, data.as_c_str())
}

fn failed(path: &Path, error: Errno) -> Error {
    Error::Tmpfs {
        path: path.to_owned(),
        error: io::Error::from(error),
    }
}
