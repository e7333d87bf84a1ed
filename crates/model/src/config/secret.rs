//! A secret, as it lies in ZooKeeper.

use super::app::is_plain_name;
use crate::{NodeName, name::NAME_LEN_MAX};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// The name of a secret: letters, digits, `_`, `.` and `-`, the first a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretName(String);

/// A text that cannot be the name of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} cannot be the name of a secret: it takes 1 to {NAME_LEN_MAX} letters, digits, '_', '.' \
     and '-', the first a letter or a digit"
)]
pub struct InvalidSecretName(String);

/// A secret: what hosts can decrypt, and who may know what of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretRecord {
    /// How often it was set: the first is 1. Encrypting it for others does not count.
    pub version: u64,
    /// The secret with its name and version, in the format of age, in Base64.
    pub encrypted: String,
    /// The hosts that can decrypt it, and their recipients as age writes them.
    pub recipients: BTreeMap<NodeName, String>,
    /// Who set it: `user@host`.
    pub by: String,
    /// When it was set, in milliseconds since 1970.
    pub created_ms: i64,
}

// === impl SecretName ===

impl SecretName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretName {
    type Err = InvalidSecretName;

    fn from_str(text: &str) -> Result<Self, InvalidSecretName> {
        if !is_plain_name(text) {
            return Err(InvalidSecretName(text.chars().take(NAME_LEN_MAX).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for SecretName {
    type Error = InvalidSecretName;

    fn try_from(text: String) -> Result<Self, InvalidSecretName> {
        text.parse()
    }
}

impl From<SecretName> for String {
    fn from(name: SecretName) -> Self {
        name.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        let name: SecretName = "db.password-1".parse().unwrap();
        assert_eq!(name.as_str(), "db.password-1");
        for text in ["", "..", "a/b", "-a", "ä"] {
            assert!(text.parse::<SecretName>().is_err(), "{text:?}");
        }
    }
}
