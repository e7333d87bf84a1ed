//! The address of a content.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The BLAKE3 hash of a content: its address. Written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; Digest::LEN]);

/// A text that is no digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest has {} hexadecimal digits in lower case", 2 * Digest::LEN)]
pub struct InvalidDigest;

// === impl Digest ===

impl Digest {
    /// Its length in bytes.
    pub const LEN: usize = 32;

    /// How many digits are enough to tell digests apart for a person.
    const SHORT_LEN: usize = 12;

    /// A hash's bytes.
    pub fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The hash's bytes.
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Its beginning, for a person.
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(Self::SHORT_LEN);
        text
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let mut bytes = [0; Self::LEN];
        if text.len() != 2 * Self::LEN {
            return Err(InvalidDigest);
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let (high, low) = (value(digits[0])?, value(digits[1])?);
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

/// In lower case only: one content has one address, in text too.
fn value(digit: u8) -> Result<u8, InvalidDigest> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(InvalidDigest),
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidDigest;

    fn try_from(text: String) -> Result<Self, InvalidDigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_read_as_it_is_written(bytes: [u8; Digest::LEN]) {
            let digest = Digest::new(bytes);
            prop_assert_eq!(digest.to_string().parse(), Ok(digest));
            prop_assert!(digest.to_string().starts_with(&digest.short()));
        }
    }

    #[test]
    fn has_one_way_to_be_written() {
        let text = "0a".repeat(Digest::LEN);
        assert!(text.parse::<Digest>().is_ok());
        for other in [
            text.to_uppercase(),
            format!("{text}0"),
            "g".repeat(64),
            "é".repeat(32),
        ] {
            assert!(other.parse::<Digest>().is_err(), "{other}");
        }
    }
}
