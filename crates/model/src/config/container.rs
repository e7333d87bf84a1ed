//! A container that gets a configuration.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A container, by the beginning of its id, as `docker ps` shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContainerRef(String);

/// A text that does not begin as a container's id does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no container's id: it takes at least {len} hexadecimal digits", len = ContainerRef::LEN)]
pub struct InvalidContainerRef(String);

// === impl ContainerRef ===

impl ContainerRef {
    /// How many digits of the id tell containers apart: as many as `docker ps` shows.
    pub const LEN: usize = 12;

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContainerRef {
    type Err = InvalidContainerRef;

    fn from_str(id: &str) -> Result<Self, InvalidContainerRef> {
        let digits = id.get(..Self::LEN).unwrap_or_default();
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.is_empty() || !digits.bytes().all(is_digit) {
            return Err(InvalidContainerRef(id.chars().take(64).collect()));
        }
        Ok(Self(digits.to_owned()))
    }
}

impl TryFrom<String> for ContainerRef {
    type Error = InvalidContainerRef;

    fn try_from(text: String) -> Result<Self, InvalidContainerRef> {
        text.parse()
    }
}

impl From<ContainerRef> for String {
    fn from(container: ContainerRef) -> Self {
        container.0
    }
}

impl fmt::Display for ContainerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_id_is_cut_and_anything_else_refused() {
        let id = "0123456789abcdef".repeat(4);
        assert_eq!(id.parse::<ContainerRef>().unwrap().as_str(), "0123456789ab");
        for text in [
            "",
            "0123456789a",
            "web-1-of-many",
            "0123456789AB",
            "ééééééé",
        ] {
            assert!(text.parse::<ContainerRef>().is_err(), "{text}");
        }
    }
}
