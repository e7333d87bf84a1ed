//! A value that makes no sense.

use super::RESERVED;
use std::borrow::Cow;

/// The characters of a refused value, or an unknown key, that an error shows.
const SHOWN_MAX: usize = 64;

/// A check's key, or its value, makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}={value:?}: {problem}; allowed is {allowed}")]
pub struct Error {
    /// The key, without the `SERVICE_` prefix.
    pub key: Cow<'static, str>,
    /// The value, shortened to its first characters.
    pub value: String,
    /// What is wrong: "the value is too long".
    pub problem: Cow<'static, str>,
    /// What would be right: "a duration from 1s to 1h".
    pub allowed: Cow<'static, str>,
}

impl Error {
    pub(super) fn new(key: &'static str, value: &str, refusal: Refusal) -> Self {
        Self {
            key: key.into(),
            value: shortened(value),
            problem: format!("the value {}", refusal.problem).into(),
            allowed: refusal.allowed,
        }
    }

    /// A key that no check has.
    pub(super) fn unknown(key: &str, value: &str) -> Self {
        Self {
            key: shortened(key).into(),
            value: shortened(value),
            problem: "no check has this key".into(),
            allowed: RESERVED.join(", ").to_ascii_uppercase().into(),
        }
    }
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Why a value is refused, before its key is known.
#[derive(Debug)]
pub(super) struct Refusal {
    problem: Cow<'static, str>,
    allowed: Cow<'static, str>,
}

impl Refusal {
    pub(super) fn new(
        problem: impl Into<Cow<'static, str>>,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            problem: problem.into(),
            allowed: allowed.into(),
        }
    }
}
