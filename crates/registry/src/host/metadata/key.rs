//! What the keys of the metadata are.

use super::port;
use dockeeper_health::parse;
use std::ops::RangeInclusive;

/// What a key's value does. It decides what becomes of one that cannot be used: an instance is
/// never registered otherwise than its user said, but a property less harms nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Any value keeps the port from being registered.
    Ignores,
    /// Says what the instance is and where it is reached.
    Decides,
    /// Says how its health is judged. What it may be is for the reader of checks to know.
    Checks,
    /// Tells the instance from others.
    Tags,
    /// Everything else is a property for its readers.
    Describes,
}

// === impl Role ===

impl Role {
    pub(super) fn of(key: &str) -> Self {
        match key {
            "ignore" => Self::Ignores,
            "id" | "internal" | "ip" | "name" | "network" | "port" | "weight" => Self::Decides,
            "tags" => Self::Tags,
            key if key.starts_with(parse::PREFIX) => Self::Checks,
            _ => Self::Describes,
        }
    }
}

/// Splits `80_NAME` into its port and its key.
pub(super) fn split(name: &str) -> Result<(Option<RangeInclusive<u16>>, &str), String> {
    let Some((first, rest)) = name.split_once('_') else {
        return Ok((None, name));
    };
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (start, end) = first.split_once('-').unwrap_or((first, first));
    if !is_port(start) || !is_port(end) {
        return Ok((None, name));
    }
    match (port(start), port(end)) {
        (Some(start), Some(end)) if start <= end => Ok((Some(start..=end), rest)),
        _ => Err(format!(
            "{first} is no port or range of ports from 1 to 65535"
        )),
    }
}
