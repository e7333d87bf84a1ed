//! Where a file lies in a bundle.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Where a file lies in a bundle: names with slashes between them, which lead nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FilePath(String);

/// Why a text cannot be a file's path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilePath {
    /// It is empty, begins or ends with a slash, or has two in a row.
    #[error("it is empty, begins or ends with a slash, or has two slashes in a row")]
    EmptyName,
    /// A name in it begins with two dots: such names are the volume's own, or lead out of it.
    #[error("it has a name that begins with '..'")]
    Dots,
    /// A name in it is a single dot.
    #[error("it has the name '.'")]
    Dot,
    /// It has a control character.
    #[error("it has the character {0:?}")]
    Character(char),
    /// It is too long for a file system.
    #[error(
        "it is longer than {} bytes, or has a name longer than {}, or more than {} names",
        FilePath::LEN_MAX,
        FilePath::NAME_LEN_MAX,
        FilePath::DEPTH_MAX
    )]
    TooLong,
}

// === impl FilePath ===

impl FilePath {
    /// The longest path, in bytes: what file systems take, less room for where the volume lies.
    pub const LEN_MAX: usize = 1024;
    /// The longest name, in bytes: what file systems take, less room for a suffix.
    pub const NAME_LEN_MAX: usize = 240;
    /// The greatest number of names.
    pub const DEPTH_MAX: usize = 32;

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names that it consists of.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// Whether `self` would have to be a folder for `other` to exist.
    pub fn is_above(&self, other: &Self) -> bool {
        let rest = other.0.strip_prefix(&self.0);
        rest.is_some_and(|rest| rest.starts_with('/'))
    }
}

impl FromStr for FilePath {
    type Err = InvalidFilePath;

    fn from_str(text: &str) -> Result<Self, InvalidFilePath> {
        if text.len() > Self::LEN_MAX || text.split('/').count() > Self::DEPTH_MAX {
            return Err(InvalidFilePath::TooLong);
        }
        if let Some(character) = text.chars().find(|c| c.is_control()) {
            return Err(InvalidFilePath::Character(character));
        }
        for name in text.split('/') {
            match name {
                "" => return Err(InvalidFilePath::EmptyName),
                "." => return Err(InvalidFilePath::Dot),
                _ if name.starts_with("..") => return Err(InvalidFilePath::Dots),
                _ if name.len() > Self::NAME_LEN_MAX => return Err(InvalidFilePath::TooLong),
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for FilePath {
    type Error = InvalidFilePath;

    fn try_from(text: String) -> Result<Self, InvalidFilePath> {
        text.parse()
    }
}

impl From<FilePath> for String {
    fn from(path: FilePath) -> Self {
        path.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_nowhere_else() {
        for text in ["nginx.conf", "conf.d/a b.conf", ".env", "größe/x", "a..b"] {
            assert_eq!(text.parse::<FilePath>().unwrap().as_str(), text);
        }
        let deep = vec!["a"; FilePath::DEPTH_MAX + 1].join("/");
        for (text, why) in [
            ("", InvalidFilePath::EmptyName),
            ("/etc/passwd", InvalidFilePath::EmptyName),
            ("a//b", InvalidFilePath::EmptyName),
            ("a/", InvalidFilePath::EmptyName),
            ("a/./b", InvalidFilePath::Dot),
            ("a/../../b", InvalidFilePath::Dots),
            ("..data", InvalidFilePath::Dots),
            ("a\0b", InvalidFilePath::Character('\0')),
            (deep.as_str(), InvalidFilePath::TooLong),
        ] {
            assert_eq!(text.parse::<FilePath>(), Err(why), "{text}");
        }
    }

    #[test]
    fn a_file_cannot_be_a_folder() {
        let path = |text: &str| text.parse::<FilePath>().unwrap();
        assert!(path("a").is_above(&path("a/b")));
        assert!(!path("a").is_above(&path("ab/c")));
        assert!(!path("a").is_above(&path("a")));
    }
}
