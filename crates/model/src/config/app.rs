//! An app: what has releases of its configuration.

use super::Policy;
use crate::name::NAME_LEN_MAX;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The name of an app. It can be the name of a Docker volume, of a folder, and a part of a label:
/// letters, digits, `_`, `.` and `-`, the first a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppName(String);

/// A text that cannot be the name of an app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} cannot be the name of an app: it takes 1 to {NAME_LEN_MAX} letters, digits, '_', '.' \
     and '-', the first a letter or a digit"
)]
pub struct InvalidAppName(String);

/// What is kept of an app beside its releases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// How its releases are rolled out; `None` for the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// How long its releases are kept.
    #[serde(default)]
    pub retention: Retention,
}

/// How long releases are kept. One that a container runs, or that a rollout may go back to, is kept
/// whatever this says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Retention {
    /// The newest ones, this many.
    pub releases: u32,
    /// And those that are younger than this.
    pub age_ms: u64,
}

/// Whether a text is 1 to [`NAME_LEN_MAX`] letters, digits, `_`, `.` and `-`, the first a letter or
/// a digit.
pub(super) fn is_plain_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let begins = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    begins && text.len() <= NAME_LEN_MAX && text.bytes().all(is_inner)
}

// === impl AppName ===

impl AppName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AppName {
    type Err = InvalidAppName;

    fn from_str(text: &str) -> Result<Self, InvalidAppName> {
        if !is_plain_name(text) {
            return Err(InvalidAppName(text.chars().take(NAME_LEN_MAX).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for AppName {
    type Error = InvalidAppName;

    fn try_from(text: String) -> Result<Self, InvalidAppName> {
        text.parse()
    }
}

impl From<AppName> for String {
    fn from(name: AppName) -> Self {
        name.0
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// === impl Retention ===

impl Default for Retention {
    /// Enough to go back over a bad week.
    fn default() -> Self {
        Self {
            releases: 20,
            age_ms: 7 * 24 * 60 * 60 * 1000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_fit_for_a_volume_a_folder_and_a_label() {
        for text in ["web", "2048", "my-app_1.conf"] {
            assert_eq!(text.parse::<AppName>().unwrap().as_str(), text);
        }
        let long = "x".repeat(NAME_LEN_MAX + 1);
        for text in [
            "",
            ".",
            "..",
            "-a",
            "a/b",
            "a b",
            "größe",
            "a\n",
            long.as_str(),
        ] {
            assert!(text.parse::<AppName>().is_err(), "{text:?}");
        }
    }
}
