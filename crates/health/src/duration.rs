//! Go's notation of durations, which registrator's and Consul's users write: `10s`, `1m30s`,
//! `500ms`, `1.5h`. Beyond Go's, a number without a unit is in seconds, and `d` is a day.

use std::fmt::Write as _;
use std::time::Duration;

/// The longest text that is read, in bytes; all units at full length need less.
pub const LENGTH_MAX: usize = 64;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// The units in nanoseconds, a unit before those that are a prefix of it.
const UNITS: [(&str, u64); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000), // U+00B5, the micro sign
    ("μs", 1_000), // U+03BC, the Greek letter
    ("ms", 1_000_000),
    ("s", NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("h", 3600 * NANOS_PER_SECOND),
    ("d", 24 * 3600 * NANOS_PER_SECOND),
];

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is empty.
    #[error("is empty")]
    Empty,
    /// The text is longer than [`LENGTH_MAX`].
    #[error("is longer than {LENGTH_MAX} bytes")]
    TooLong,
    /// The duration is negative.
    #[error("is negative")]
    Negative,
    /// A number was expected where there is none.
    #[error("has no number where one is expected")]
    NoNumber,
    /// A unit is missing or unknown.
    #[error("has a number without a known unit")]
    NoUnit,
    /// The duration exceeds 2^64 nanoseconds, about 584 years.
    #[error("is too large")]
    TooLarge,
}

/// Reads a duration in Go's notation; a number without a unit is in seconds, and `d` is a day.
///
/// # Errors
///
/// See [`Error`]; nothing but the notation and the range of the numbers is checked.
pub fn parse(text: &str) -> Result<Duration, Error> {
    if text.len() > LENGTH_MAX {
        return Err(Error::TooLong);
    }
    if text.is_empty() {
        return Err(Error::Empty);
    }
    if text.starts_with('-') {
        return Err(Error::Negative);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if let Ok((number, "")) = Number::take(rest) {
        return number.times(NANOS_PER_SECOND).map(Duration::from_nanos);
    }
    let mut total_nanos = 0_u64;
    loop {
        let (number, after_number) = Number::take(rest)?;
        let (unit_nanos, after_unit) = take_unit(after_number)?;
        total_nanos = total_nanos
            .checked_add(number.times(unit_nanos)?)
            .ok_or(Error::TooLarge)?;
        if after_unit.is_empty() {
            return Ok(Duration::from_nanos(total_nanos));
        }
        rest = after_unit;
    }
}

/// The duration as [`parse`] reads it, without units that are zero: `1m30s`.
#[must_use]
pub fn format(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let nanos = duration.subsec_nanos();
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
        (u64::from(nanos / 1_000_000), "ms"),
        (u64::from(nanos / 1_000 % 1_000), "us"),
        (u64::from(nanos % 1_000), "ns"),
    ];
    let mut text = String::new();
    for (count, unit) in parts.into_iter().filter(|(count, _)| *count > 0) {
        write!(text, "{count}{unit}").expect("writing to a String never fails");
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

/// A decimal number: `whole + numerator / denominator`.
struct Number {
    whole: u64,
    numerator: u64,
    denominator: u64,
}

impl Number {
    /// Splits a number off the front.
    fn take(text: &str) -> Result<(Self, &str), Error> {
        let (digits, rest) = split_digits(text);
        let (decimals, rest) = match rest.strip_prefix('.') {
            Some(after_point) => split_digits(after_point),
            None => ("", rest),
        };
        if digits.is_empty() && decimals.is_empty() {
            return Err(Error::NoNumber);
        }
        let whole = if digits.is_empty() {
            0
        } else {
            digits.parse().map_err(|_| Error::TooLarge)?
        };
        let mut number = Self {
            whole,
            numerator: 0,
            denominator: 1,
        };
        // More decimals than these are below a nanosecond even of a day.
        for digit in decimals.bytes().take(15) {
            number.numerator = number.numerator * 10 + u64::from(digit - b'0');
            number.denominator *= 10;
        }
        Ok((number, rest))
    }

    fn times(&self, unit: u64) -> Result<u64, Error> {
        let fraction = u128::from(self.numerator) * u128::from(unit) / u128::from(self.denominator);
        let product = u128::from(self.whole) * u128::from(unit) + fraction;
        u64::try_from(product).map_err(|_| Error::TooLarge)
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn take_unit(text: &str) -> Result<(u64, &str), Error> {
    UNITS
        .iter()
        .find_map(|(name, nanos)| Some((*nanos, text.strip_prefix(name)?)))
        .ok_or(Error::NoUnit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn go_notation_is_read() {
        let cases = [
            ("10s", Duration::from_secs(10)),
            ("1m30s", Duration::from_secs(90)),
            ("500ms", Duration::from_millis(500)),
            ("1.5h", Duration::from_secs(5400)),
            ("2d", Duration::from_secs(172_800)),
            ("1d2h", Duration::from_secs(93_600)),
            (".5s", Duration::from_millis(500)),
            ("1.s", Duration::from_secs(1)),
            ("+2h45m", Duration::from_secs(9900)),
            ("3us", Duration::from_micros(3)),
            ("3µs", Duration::from_micros(3)),
            ("3μs", Duration::from_micros(3)),
            ("7ns", Duration::from_nanos(7)),
            ("0", Duration::ZERO),
            ("15", Duration::from_secs(15)),
            ("1.25", Duration::from_millis(1250)),
            ("0.123456789123456789s", Duration::from_nanos(123_456_789)),
            ("18446744073709551615ns", Duration::from_nanos(u64::MAX)),
        ];
        for (text, duration) in cases {
            assert_eq!(parse(text), Ok(duration), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_its_cause() {
        let long = "1".repeat(1_000_000);
        let cases = [
            ("", Error::Empty),
            ("-5s", Error::Negative),
            ("s", Error::NoNumber),
            (".", Error::NoNumber),
            ("+", Error::NoNumber),
            ("--5s", Error::Negative),
            ("five", Error::NoNumber),
            ("5w", Error::NoUnit),
            ("1m30", Error::NoUnit),
            ("5 s", Error::NoUnit),
            ("5s ", Error::NoNumber),
            ("1e3s", Error::NoUnit),
            ("18446744073709551616ns", Error::TooLarge),
            ("99999999999999999999h", Error::TooLarge),
            ("5124095h5124095h", Error::TooLarge),
            (long.as_str(), Error::TooLong),
        ];
        for (text, error) in cases {
            assert_eq!(parse(text), Err(error), "{text:.20}");
        }
    }

    #[test]
    fn durations_are_written_without_empty_units() {
        assert_eq!(format(Duration::ZERO), "0s");
        assert_eq!(format(Duration::from_secs(3600)), "1h");
        assert_eq!(format(Duration::from_millis(90_500)), "1m30s500ms");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(nanos in any::<u64>()) {
            let duration = Duration::from_nanos(nanos);
            prop_assert_eq!(parse(&format(duration)), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in any::<String>(), likely in "[+-]?([0-9]{0,20}[.]?[nuµmshd]{0,2}){1,4}") {
            let _ = parse(&text);
            let _ = parse(&likely);
        }
    }
}
