use super::VOLUMES_MAX;
use crate::host::{plugin::Options, volume::VolumeName};
use std::{io, path::PathBuf};

/// Why a volume cannot be noted.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// There is one of this name, with something else in it.
    #[error(
        "volume {volume} exists with config={}, not {wanted}: remove it first (`docker volume rm \
         {volume}`), or take another name", .there.config
    )]
    Different {
        /// The volume.
        volume: VolumeName,
        /// What it was created with.
        there: Options,
        /// The app that was asked for.
        wanted: String,
    },
    /// There are too many.
    #[error("this host has {VOLUMES_MAX} volumes; remove some (`docker volume prune`)")]
    Full,
    /// The file cannot be read.
    #[error("cannot read the list of volumes {}: {error}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// What is in the file is something else.
    #[error(
        "cannot understand the list of volumes {}: {why}; without this file, volumes have to be \
         created again", .path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The file cannot be written.
    #[error("cannot write the list of volumes {}: {error}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}
