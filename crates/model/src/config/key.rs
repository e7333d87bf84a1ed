//! The name of a value.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The name of a value: it can be a variable's, a property's and a file's. Letters, digits, `_`,
/// `.` and `-`, the first a letter or `_`, and no two dots in a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(String);

/// A text that cannot be a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} cannot be a key: it takes 1 to {max} letters, digits, '_', '.' and '-', the first a \
     letter or '_', without two dots in a row",
    max = Key::LEN_MAX
)]
pub struct InvalidKey(String);

// === impl Key ===

impl Key {
    /// The longest key, in bytes: it can be a file's name.
    pub const LEN_MAX: usize = 240;

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let fits = text.len() <= Self::LEN_MAX && !text.contains("..");
        if !begins || !fits || !text.bytes().all(is_inner) {
            return Err(InvalidKey(text.chars().take(Self::LEN_MAX).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Key {
    type Error = InvalidKey;

    fn try_from(text: String) -> Result<Self, InvalidKey> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_fit_for_a_variable_and_a_file() {
        for text in ["DB_URL", "_x", "spring.datasource.url", "log-level"] {
            assert_eq!(text.parse::<Key>().unwrap().as_str(), text);
        }
        let long = "x".repeat(Key::LEN_MAX + 1);
        for text in [
            "",
            "..",
            "a..b",
            "a/b",
            "1a",
            ".a",
            "a=b",
            "ä",
            long.as_str(),
        ] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
    }
}
