use crate::{
    bundle::{BUNDLE_LEN_MAX, KEYS_NAME},
    template::{self, Asked, SUFFIX, Unavailable},
};
use dockeeper_model::config::FilePath;
use std::fmt;

/// A release that could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Failed {
    /// Why not: the first reason that was found.
    pub error: Error,
    /// What the templates asked for until then: when the answers change, or are known, it may be
    /// rendered.
    pub asked: Asked,
}

/// Why a release cannot be rendered. [`Error::unavailable`] tells what may pass by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A template cannot.
    #[error(transparent)]
    Template(#[from] template::Error),
    /// A template's name has nothing in front of the suffix, or what is no file's name.
    #[error("{0}: a template needs a file's name in front of {SUFFIX}")]
    Nameless(FilePath),
    /// Two would become the same file.
    #[error("{one} and {other} would both become {path}: rename one of them")]
    Collision {
        /// The file.
        path: FilePath,
        /// What it comes from.
        one: Origin,
        /// What it comes from, too.
        other: Origin,
    },
    /// A file would have to be a folder.
    #[error("{below} cannot be written: {file} is a file, not a folder; rename one of them")]
    FileAsFolder {
        /// The file.
        file: FilePath,
        /// The one that would lie in it.
        below: FilePath,
    },
    /// All files together are too long.
    #[error(
        "the rendered files have more than {BUNDLE_LEN_MAX} bytes together, the most that a \
         container gets: give what is large to the containers as a data volume"
    )]
    TooLong,
    /// What the digest of secrets is keyed with is not known.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// What a rendered file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file or a template of the bundle.
    File(FilePath),
    /// The bundle's keys.
    Keys,
}

// === impl Error ===

impl Error {
    /// What is not known at the moment, if that is all that is wrong.
    pub fn unavailable(&self) -> Option<&Unavailable> {
        match self {
            Self::Template(error) => match &error.why {
                template::Why::Unavailable(why) => Some(why),
                _ => None,
            },
            Self::Unavailable(why) => Some(why),
            _ => None,
        }
    }
}

// === impl Origin ===

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Keys => write!(f, "the files of the keys ({KEYS_NAME}/, {KEYS_NAME}.*)"),
        }
    }
}
