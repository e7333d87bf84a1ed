//! UUIDs (RFC 9562), and how they are written.

/// A UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uuid(u128);

/// How long one is with its hyphens, as Java writes it.
pub(crate) const HYPHENATED_LEN: usize = 36;
const HYPHENS_AT: [usize; 4] = [8, 13, 18, 23];

/// How long one is without them, as Python's `hex` gives it.
pub(crate) const SIMPLE_LEN: usize = 32;

// === impl Uuid ===

impl Uuid {
    /// One that nobody else has: of version 4.
    pub(crate) fn random() -> Self {
        Self::with_version(4, fastrand::u128(..))
    }

    /// Of version 8, which leaves its content to whoever makes it.
    pub(crate) fn custom(content: u128) -> Self {
        Self::with_version(8, content)
    }

    fn with_version(version: u128, content: u128) -> Self {
        const VERSION_AT: u32 = 76;
        const VARIANT_AT: u32 = 62;
        let content = content & !(0xf << VERSION_AT) & !(0x3 << VARIANT_AT);
        Self(content | version << VERSION_AT | 0x2 << VARIANT_AT)
    }

    /// Reads either notation.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !is_hyphenated(text) && !is_simple(text) {
            return None;
        }
        u128::from_str_radix(&text.replace('-', ""), 16)
            .ok()
            .map(Self)
    }

    pub(crate) fn bits(self) -> u128 {
        self.0
    }

    pub(crate) fn simple(self) -> String {
        format!("{:032x}", self.0)
    }

    pub(crate) fn hyphenated(self) -> String {
        let mut text = self.simple();
        for at in HYPHENS_AT {
            text.insert(at, '-');
        }
        text
    }
}

pub(crate) fn is_hyphenated(text: &str) -> bool {
    let mut bytes = text.bytes().enumerate();
    text.len() == HYPHENATED_LEN
        && bytes.all(|(at, byte)| match HYPHENS_AT.contains(&at) {
            true => byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
}

pub(crate) fn is_simple(text: &str) -> bool {
    text.len() == SIMPLE_LEN && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_one_is_of_version_4() {
        let uuid = Uuid::random();
        let text = uuid.hyphenated();
        let lengths: Vec<_> = text.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(text.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&text.as_bytes()[19]));
        assert_ne!(uuid, Uuid::random());
    }

    #[test]
    fn both_notations_are_read() {
        let uuid = Uuid::random();
        assert_eq!(Uuid::parse(&uuid.hyphenated()), Some(uuid));
        assert_eq!(Uuid::parse(&uuid.simple()), Some(uuid));
        assert_eq!(Uuid::parse(&uuid.simple().replacen('4', "g", 1)), None);
        assert_eq!(Uuid::parse(&uuid.hyphenated()[1..]), None);
    }
}
