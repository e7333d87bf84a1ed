//! How limits and usage are written: `count=5,bytes=-1`, and behind `=;` the hard limits, which
//! servers before 3.5 do not see there.

use super::{Limits, Usage};
use std::fmt;

const COUNT: &str = "count";
const BYTES: &str = "bytes";
const COUNT_HARD: &str = "countHardLimit";
const BYTES_HARD: &str = "byteHardLimit";

/// What stands for a value that is not set.
const UNSET: i64 = -1;

/// A quota's znode holds something else than a quota.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It is not text.
    #[error("it is not UTF-8; write count=<znodes>,bytes=<bytes>")]
    NotUtf8,
    /// A part of it is not a name and a number.
    #[error("{0:?} is not a name and a number; write count=<znodes>,bytes=<bytes>")]
    Part(String),
}

// === impl Usage ===

impl Usage {
    /// Reads a `zookeeper_stats`; what is not there is -1.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let values = Values::parse(data)?;
        Ok(Self {
            count: values.count,
            bytes: values.bytes,
        })
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{COUNT}={},{BYTES}={}", self.count, self.bytes)
    }
}

// === impl Limits ===

impl Limits {
    /// Reads a `zookeeper_limits`; what is negative or not there is no limit.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let values = Values::parse(data)?;
        let limit = |value: i64| (value > UNSET).then_some(value);
        Ok(Self {
            count: limit(values.count),
            bytes: limit(values.bytes),
            count_hard: limit(values.count_hard),
            bytes_hard: limit(values.bytes_hard),
        })
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |limit: Option<i64>| limit.unwrap_or(UNSET);
        let (count, bytes) = (value(self.count), value(self.bytes));
        write!(f, "{COUNT}={count},{BYTES}={bytes}")?;
        if self.count_hard.is_some() || self.bytes_hard.is_some() {
            let (count, bytes) = (value(self.count_hard), value(self.bytes_hard));
            write!(f, "=;{BYTES_HARD}={bytes};{COUNT_HARD}={count}")?;
        }
        Ok(())
    }
}

/// The four values that there are; names that nobody knows are left out.
struct Values {
    count: i64,
    bytes: i64,
    count_hard: i64,
    bytes_hard: i64,
}

// === impl Values ===

impl Values {
    fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(data).map_err(|_| Malformed::NotUtf8)?;
        let mut values = Self {
            count: UNSET,
            bytes: UNSET,
            count_hard: UNSET,
            bytes_hard: UNSET,
        };
        for part in text.split([',', ';']).filter(|part| !part.is_empty()) {
            let (name, value) = pair(part).ok_or_else(|| Malformed::Part(part.to_owned()))?;
            match name {
                COUNT => values.count = value,
                BYTES => values.bytes = value,
                COUNT_HARD => values.count_hard = value,
                BYTES_HARD => values.bytes_hard = value,
                _ => {}
            }
        }
        Ok(values)
    }
}

/// `name=value`, or `name==` and anything for a value that is not set. What follows the value does
/// not count.
fn pair(part: &str) -> Option<(&str, i64)> {
    let mut fields = part.trim_end_matches('=').split('=');
    let name = fields.next()?;
    match fields.next()? {
        "" => Some((name, UNSET)),
        value => Some((name, value.parse().ok()?)),
    }
}
