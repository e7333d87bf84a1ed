use super::{
    BUNDLE_LEN_MAX, FILE_LEN_MAX, FILES_MAX, KEYS_MAX, KEYS_NAME, MANIFEST_LEN_MAX, MODE_MASK,
    VALUE_LEN_MAX,
};
use dockeeper_model::config::{FilePath, Key};

/// Why a bundle cannot be a release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A file is too long.
    #[error("{}", file_too_long(.path.as_str()))]
    FileTooLong {
        /// The file.
        path: FilePath,
    },
    /// All files together are too long.
    #[error(
        "the files have more than {BUNDLE_LEN_MAX} bytes together, the most that a configuration \
         may have: give what is large to the containers as a data volume"
    )]
    TooLong,
    /// There are too many files.
    #[error("there are more than {FILES_MAX} files, the most that a configuration may have")]
    TooManyFiles,
    /// There are too many values.
    #[error("there are {0} keys, more than the {KEYS_MAX} that a configuration may have")]
    TooManyKeys(usize),
    /// A value is too long.
    #[error(
        "the value of {key} has {len} bytes, more than the {VALUE_LEN_MAX} that a value may have: \
         make it a file"
    )]
    ValueTooLong {
        /// Its name.
        key: Key,
        /// Its length in bytes.
        len: usize,
    },
    /// The names and values do not fit into one blob.
    #[error(
        "the names of the files, and the keys with their values, take {0} bytes together, more than \
         the {MANIFEST_LEN_MAX} that they may: put long values into files"
    )]
    ManifestTooLong(usize),
    /// A name that is needed for the renderings of the values.
    #[error(
        "{0} cannot be a file of a configuration: {KEYS_NAME} and {KEYS_NAME}.* are where the keys \
         are rendered; choose another name"
    )]
    Reserved(FilePath),
    /// A file would have to be a folder.
    #[error("{file} cannot be a file, for {below} lies in it")]
    FileAsFolder {
        /// The file.
        file: FilePath,
        /// A file that would lie in it.
        below: FilePath,
    },
    /// A file has other permission bits than those for reading, writing and executing.
    #[error("{path} has the mode {mode:o}: a file may have those from 0 to {MODE_MASK:o}")]
    Mode {
        /// The file.
        path: FilePath,
        /// The mode.
        mode: u32,
    },
}

/// Why a file is refused, with what to do.
pub(super) fn file_too_long(path: &str) -> String {
    format!(
        "{path} has more than {FILE_LEN_MAX} bytes, the most that a file of a configuration may \
         have: give it to the containers as a data volume"
    )
}
