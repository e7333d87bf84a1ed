use std::fmt;
use std::str::FromStr;

/// The number of bytes that a container's id names.
const ID_BYTES: usize = 32;

/// The number of hexadecimal digits that `docker ps` shows.
const SHORT_DIGITS: usize = 12;

/// A container's id: 256 random bits, written as 64 hexadecimal digits.
///
/// It is kept as bytes, which makes it a quarter of the size of the text and free to copy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId([u8; ID_BYTES]);

/// A text that is not a container's full id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a container id has 64 hexadecimal digits, but this is {0:?}")]
pub struct InvalidId(String);

impl ContainerId {
    /// An id of these bytes.
    pub fn from_bytes(bytes: [u8; ID_BYTES]) -> Self {
        Self(bytes)
    }

    /// The first twelve digits, as `docker ps` shows them.
    pub fn short(&self) -> String {
        let mut digits = self.to_string();
        digits.truncate(SHORT_DIGITS);
        digits
    }
}

impl FromStr for ContainerId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidId(text.chars().take(2 * ID_BYTES + 1).collect());
        let digits = text.as_bytes();
        if digits.len() != 2 * ID_BYTES {
            return Err(invalid());
        }
        let mut bytes = [0; ID_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = hex_value(pair[0]).ok_or_else(invalid)?;
            let low = hex_value(pair[1]).ok_or_else(invalid)?;
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "abc",
            &"g".repeat(64),
            &"A".repeat(64),
            &"a".repeat(65),
            &"ä".repeat(32),
        ] {
            assert!(text.parse::<ContainerId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_and_id_are_the_same_thing(text in "[0-9a-f]{64}") {
            let id: ContainerId = text.parse().unwrap();
            prop_assert_eq!(id.to_string(), text.as_str());
            prop_assert_eq!(id.short(), &text[..12]);
        }

        #[test]
        fn ids_sort_as_their_text(a in any::<[u8; 32]>(), b in any::<[u8; 32]>()) {
            let (a, b) = (ContainerId::from_bytes(a), ContainerId::from_bytes(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }
}
