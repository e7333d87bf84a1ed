use dockeeper_model::config::{AppName, Digest};
use std::{io, path::PathBuf};

/// Why something could not be kept on disk.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The file system refused.
    #[error(
        "cannot {action} {}: {error}; without it, containers cannot start while ZooKeeper is away",
        .path.display()
    )]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        error: io::Error,
    },
    /// A content would not be found again.
    #[error("the content {0} does not have the address that its release gives: it is not kept")]
    NotItself(Digest),
    /// There is too much.
    #[error(
        "{app} takes more than {len_max} bytes of the cache, all that there is",
        len_max = super::space::LEN_MAX
    )]
    Full {
        /// The app.
        app: AppName,
    },
}
