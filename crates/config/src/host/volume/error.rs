use std::{io, path::PathBuf};

/// What can go wrong with what lies on the host.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong with what lies on the host.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kernel refused something.
    #[error("cannot {action} {}: {error}{}", .path.display(), advice(error))]
    File {
        /// What was tried, as a phrase behind "cannot".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The file system for a mount could not be made.
    #[error(
        "cannot mount a tmpfs at {}: {error}; the agent has to run as root, with CAP_SYS_ADMIN, in \
         the mount namespace of dockerd", .path.display()
    )]
    Tmpfs {
        /// Where.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// A file belongs to a user whose number the host cannot have.
    #[error("user {uid} and group {gid} of a container have no numbers on this host")]
    Owner {
        /// The user, as the container counts.
        uid: u32,
        /// The group, as the container counts.
        gid: u32,
    },
    /// Somebody else changes the mount's files faster than they can be laid down.
    #[error(
        "a container puts its own files in the place of {} as soon as they are removed; mount the \
         volume read-only (`-v …:…:ro`)", .0.display()
    )]
    Contested(PathBuf),
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; the volume is full: a bundle has to fit into it several times, and what a container \
             writes there counts"
        }
        _ => "",
    }
}
