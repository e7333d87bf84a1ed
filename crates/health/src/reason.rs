//! Why a probe failed, for a person to read.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The longest reason in characters: it travels in the instance's record, which each watcher reads.
pub const REASON_LENGTH_MAX: usize = 256;

/// Why a probe failed: one line of at most [`REASON_LENGTH_MAX`] characters.
///
/// Much of it comes from the probed service, hence control characters never pass and the length is
/// bounded here rather than by each reader. Clones share the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Reason(Arc<str>);

impl Reason {
    /// The reason with runs of white space and control characters replaced by one space, shortened
    /// when it is too long.
    #[must_use]
    pub fn new(text: impl AsRef<str>) -> Self {
        let mut line = String::new();
        let mut length = 0;
        let mut gap = false;
        for character in text.as_ref().trim().chars() {
            if character.is_whitespace() || character.is_control() {
                gap = !line.is_empty();
                continue;
            }
            if length + usize::from(gap) + 1 >= REASON_LENGTH_MAX {
                line.push('…');
                break;
            }
            if gap {
                line.push(' ');
                length += 1;
            }
            line.push(character);
            length += 1;
            gap = false;
        }
        Self(line.into())
    }

    /// The reason "what: error: its source: …": the errors of hyper name only the outermost cause.
    #[must_use]
    pub fn of(what: impl fmt::Display, error: &dyn Error) -> Self {
        let mut text = format!("{what}: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            // Some errors already repeat their source in their own text.
            let cause_text = cause.to_string();
            if !text.ends_with(&cause_text) {
                text.push_str(": ");
                text.push_str(&cause_text);
            }
            source = cause.source();
        }
        Self::new(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reason_is_one_line() {
        assert_eq!(Reason::new(" a\r\n\tb \0\x1b c\n").as_str(), "a b c");
        assert_eq!(Reason::new("").as_str(), "");
    }

    #[test]
    fn a_long_reason_is_shortened() {
        let reason = Reason::new("x".repeat(1_000_000));
        assert_eq!(reason.as_str().chars().count(), REASON_LENGTH_MAX);
        assert!(reason.as_str().ends_with('…'));
    }

    #[test]
    fn the_sources_of_an_error_are_named_once() {
        let inner = std::io::Error::other("inner");
        let outer = std::io::Error::other(std::io::Error::other(inner));
        assert_eq!(Reason::of("reading", &outer).as_str(), "reading: inner");
    }

    proptest! {
        #[test]
        fn a_reason_is_bounded_and_clean(text in any::<String>()) {
            let reason = Reason::new(&text);
            prop_assert!(reason.as_str().chars().count() <= REASON_LENGTH_MAX);
            prop_assert!(!reason.as_str().chars().any(char::is_control));
            prop_assert_eq!(Reason::new(reason.as_str()), reason);
        }
    }
}
