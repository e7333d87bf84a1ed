//! A release, as it lies in ZooKeeper.

use super::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A release: what, who, when and why. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// Its number: the first is 1, and each is one higher than the one before.
    pub release: u64,
    /// The manifest's address. Releases of the same content have the same.
    pub manifest: Digest,
    /// How it came to be.
    pub kind: Kind,
    /// The release whose content it has, when it goes back to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Why, in its author's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Who made it: `user@host`, or a node's controller.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub created_ms: i64,
    /// How many files it has.
    #[serde(default)]
    pub files: u32,
    /// How many values it has.
    #[serde(default)]
    pub keys: u32,
    /// The length of all files, in bytes.
    #[serde(default)]
    pub bytes: u64,
    /// The blobs of a small release, the manifest among them, by their addresses: packed as in a
    /// znode of their own, in Base64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inline: BTreeMap<Digest, String>,
}

/// How a release came to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// All files were given anew.
    Apply,
    /// Some values were changed.
    Set,
    /// A single file was changed.
    Put,
    /// Somebody went back to an earlier release.
    Rollback,
    /// A rollout failed, and the controller went back.
    AutoRollback,
    /// Something that came later than this version.
    #[default]
    #[serde(other)]
    Other,
}

/// The newest release of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// Its number.
    pub release: u64,
}

// === impl Kind ===

impl Kind {
    /// The kind as records have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Set => "set",
            Self::Put => "put",
            Self::Rollback => "rollback",
            Self::AutoRollback => "autoRollback",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode, encode};

    #[test]
    fn a_kind_is_written_as_it_is_called() {
        use Kind::{Apply, AutoRollback, Other, Put, Rollback, Set};
        for kind in [Apply, Set, Put, Rollback, AutoRollback, Other] {
            assert_eq!(encode(&kind), format!("{:?}", kind.as_str()).into_bytes());
        }
        assert_eq!(decode::<Kind>(br#""merge""#).unwrap(), Other);
    }
}
