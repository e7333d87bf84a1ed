//! Names that Docker gives, which become names of folders.

use dockeeper_model::config::AppName;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The name of a volume. It is fit for a folder, as an app's name is; Docker itself checks only the
/// names of its own volumes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VolumeName(AppName);

/// What Docker calls one mount of a volume: another one for each start of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MountId(AppName);

/// A text that cannot be the name of a folder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} cannot be the name of a {what}: it takes letters, digits, '_', '.' and '-', the first \
     a letter or a digit"
)]
pub struct InvalidName {
    what: &'static str,
    text: String,
}

// === impl VolumeName ===

impl VolumeName {
    /// The app of this name: a volume's, unless its options name another.
    pub fn app(&self) -> &AppName {
        &self.0
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for VolumeName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        folder("volume", text).map(Self)
    }
}

impl fmt::Display for VolumeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// === impl MountId ===

impl MountId {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for MountId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        folder("mount", text).map(Self)
    }
}

impl fmt::Display for MountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An app's name has what a folder's needs: it is no `..`, and has no slash.
fn folder(what: &'static str, text: &str) -> Result<AppName, InvalidName> {
    text.parse().map_err(|_| InvalidName {
        what,
        text: text.chars().take(64).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for text in ["web", "a.b_c-1", "0750ecdd9e338c7b17b4499b32e2e499769c386d"] {
            assert_eq!(text.parse::<VolumeName>().unwrap().as_str(), text);
            assert_eq!(text.parse::<MountId>().unwrap().as_str(), text);
        }
        for text in [
            "", ".", "..", "../x", "/etc", "a/b", "a\0", "a\n", ".hidden",
        ] {
            let error = text.parse::<VolumeName>().unwrap_err().to_string();
            assert!(error.contains("name of a volume"), "{error}");
            text.parse::<MountId>().unwrap_err();
        }
    }
}
