//! What lies on the host for each mount of a volume.
//!
//! Docker mounts a volume once for each start of a container, under an identifier of its own. Each
//! such [`Mount`] has a directory, `<run directory>/volumes/<volume>/<mount>/`, with a file system of
//! its own in memory: releases reach one container at a time, secrets never reach a disk, and no
//! container sees or fills what is another's. In it, as in a Kubernetes volume:
//!
//! | name | what it is |
//! |---|---|
//! | `..r<release>-<n>` | a directory with all files of one release |
//! | `..data` | a symbolic link to the one that is current |
//! | any other | a symbolic link, `nginx.conf -> ..data/nginx.conf` |
//!
//! A release is laid down beside the current one and made current by one rename of `..data`. A
//! reader that wants several files of one release resolves `..data` once. What was current before
//! stays for a while, for those who are in the middle of it.
//!
//! A container that mounts its volume writable can change anything there at any time. So everything
//! is done relative to an open directory, no symbolic link is followed (`beneath`), and what is
//! known of a mount lies beside it, where no container gets to (`record`).

mod beneath;
mod contents;
mod error;
mod mount;
mod name;
mod record;
mod remap;
mod removal;
mod root;
mod tmpfs;
mod tree;

pub use self::{
    contents::File,
    error::{Error, Result},
    mount::{KEEP_FOR, KEEP_MAX, Mount, Staged},
    name::{InvalidName, MountId, VolumeName},
    record::{Current, Notes},
    remap::Remap,
    root::Root,
    tmpfs::{FILES_MAX, SIZE_BYTES_MAX},
};
