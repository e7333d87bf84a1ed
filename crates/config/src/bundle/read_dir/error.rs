use super::NAMES_MAX;
use crate::bundle::{Error, error::file_too_long};
use std::{io, path::PathBuf};

/// Why a directory cannot be read as a bundle.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system refused.
    #[error("cannot read {}: {why}", .path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// It is neither a file nor a folder.
    #[error(
        "{} is {kind}: a configuration consists of files and folders only; put the file itself \
         there, or leave it out",
        .path.display()
    )]
    Kind {
        /// What.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// Its name cannot be one in a bundle.
    #[error("{} cannot be a file of a configuration: {why}", .path.display())]
    Name {
        /// What.
        path: PathBuf,
        /// What is wrong with the name.
        why: String,
    },
    /// A file is too long.
    #[error("{}", file_too_long(&.0.display().to_string()))]
    TooLong(PathBuf),
    /// There are too many names.
    #[error("{} has more than {NAMES_MAX} files and folders: is it the right one?", .0.display())]
    TooManyNames(PathBuf),
    /// A file was written while it was read.
    #[error("{} was changed while it was read: try again when nobody writes to it", .0.display())]
    Changed(PathBuf),
    /// What was read cannot be a release.
    #[error("{} cannot be a configuration: {why}", .path.display())]
    Bundle {
        /// The directory.
        path: PathBuf,
        /// Why.
        why: Error,
    },
}
