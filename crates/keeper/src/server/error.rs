use super::tls::TlsError;
use crate::storage::{
    DiskError, key::KeyError, lock::LockError, log::LogError, recovery::RecoveryError,
    writer::AppendError,
};
use std::{io, net::SocketAddr};

/// Why a keeper does not start, or has stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting makes no sense.
    #[error("{0}")]
    Config(String),
    /// The data directory cannot be made or opened.
    #[error(transparent)]
    DataDir(#[from] DiskError),
    /// The data directory is another server's.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The key of sessions' passwords cannot be read or made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What is in the data directory cannot be read.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The log's threads cannot be started.
    #[error("cannot start the log's threads: {0}")]
    Threads(#[source] io::Error),
    /// Nothing can be logged any more.
    #[error("the log has failed, and the server stops{}", log_failure(.0))]
    Log(#[source] LogError),
    /// The log did not take what was changed.
    #[error("the server stops, as {0}")]
    Append(#[from] AppendError),
    /// There is no TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}{}", hint(source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

fn log_failure(error: &LogError) -> String {
    match error {
        LogError::Disk(_) => format!(
            ": nothing that was acknowledged is lost, and what was not may be on disk or not. \
             {error}"
        ),
        LogError::Removed(_) => format!(". {error}"),
    }
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "; another program listens there, maybe another ZooKeeper: stop it or choose another \
             port"
        }
        io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
        io::ErrorKind::PermissionDenied => "; ports below 1024 need a privilege",
        _ => "",
    }
}
