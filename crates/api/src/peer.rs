//! Who is at the other end of a connection, as the kernel says.

mod cgroup;

pub(crate) use self::cgroup::Group;

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use std::{fs, io};
use tokio::net::UnixStream;

use crate::gate::Gate;

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer(pub(crate) Result<Process, Unknown>);

/// A process that has connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    /// As this process's namespace numbers it.
    pub(crate) pid: u32,
    pub(crate) uid: u32,
    /// Those of its control groups that have containers' names, from the outermost to the
    /// innermost. None of them need be the engine's.
    pub(crate) groups: Vec<Group>,
}

/// Why nobody knows who it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub(crate) enum Unknown {
    #[error("the kernel does not say which process has connected: {0}")]
    Credentials(String),
    #[error(
        "the process that has connected has no number in the agent's namespace of processes: the \
         agent must run in the host's (`docker run --pid host`, if it runs in a container)"
    )]
    OtherNamespace,
    #[error(
        "process {pid}, which has connected, is gone or its control groups cannot be read: {why}"
    )]
    Gone { pid: u32, why: String },
}

// === impl Peer ===

impl Peer {
    /// Reads who has connected. To be called as soon as it has: its number may become that of
    /// another process when it ends.
    pub(crate) fn of(stream: &UnixStream) -> Self {
        let credentials = stream.peer_cred();
        Self(credentials.map_or_else(
            |error| Err(Unknown::Credentials(error.to_string())),
            |credentials| Process::read(credentials.pid().unwrap_or_default(), credentials.uid()),
        ))
    }
}

impl Connected<IncomingStream<'_, Gate>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        stream.remote_addr().clone()
    }
}

// === impl Process ===

impl Process {
    fn read(pid: i32, uid: u32) -> Result<Self, Unknown> {
        let pid = u32::try_from(pid).unwrap_or_default();
        if pid == 0 {
            return Err(Unknown::OtherNamespace);
        }
        let gone = |error: io::Error| Unknown::Gone {
            pid,
            why: error.to_string(),
        };
        let groups = groups(pid).map_err(gone)?;
        Ok(Self { pid, uid, groups })
    }
}

/// The control groups of a process that have containers' names.
pub(crate) fn groups(pid: u32) -> io::Result<Vec<Group>> {
    // The kernel writes this file from memory: it does not block.
    let cgroup = fs::read_to_string(format!("/proc/{pid}/cgroup"))?;
    Ok(Group::all(&cgroup))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_of_this_machine_is_known() {
        let (one, _other) = UnixStream::pair().unwrap();
        let process = Peer::of(&one).0.unwrap();
        assert_eq!(process.pid, std::process::id());
    }

    #[test]
    fn who_cannot_be_known_is_refused_with_the_reason() {
        let error = Process::read(0, 0).unwrap_err();
        assert_eq!(error, Unknown::OtherNamespace);
        // Above the largest number that a kernel gives.
        let error = Process::read(i32::MAX, 0).unwrap_err().to_string();
        assert!(error.contains("gone"), "{error}");
    }
}
