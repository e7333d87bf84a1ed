//! A value that makes no sense.

use std::borrow::Cow;

/// The characters of a refused value that an error shows.
const VALUE_SHOWN_MAX: usize = 64;

/// A check's key has a value that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}={value:?}: the value {problem}; allowed is {allowed}")]
pub struct Error {
    /// The key, without the `SERVICE_` prefix.
    pub key: &'static str,
    /// The value, shortened to its first characters.
    pub value: String,
    /// What is wrong with the value: "is longer than …".
    pub problem: Cow<'static, str>,
    /// What would be right: "a duration from 1s to 1h".
    pub allowed: Cow<'static, str>,
}

impl Error {
    pub(super) fn new(key: &'static str, value: &str, refusal: Refusal) -> Self {
        let mut shown: String = value.chars().take(VALUE_SHOWN_MAX).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        Self {
            key,
            value: shown,
            problem: refusal.problem,
            allowed: refusal.allowed,
        }
    }
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
