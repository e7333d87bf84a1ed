use dockeeper_health::duration;
use serde::Deserialize;
use std::{str::FromStr, time::Duration};

/// A length of time as a person writes it: `10s`, `500ms`, `1m30s`, `12h`, `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Span(pub(crate) Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match duration::parse(text) {
            Ok(Duration::ZERO) => Err("it is zero".to_owned()),
            Ok(duration) => Ok(Self(duration)),
            Err(why) => Err(format!("it {why}; write 500ms, 10s, 1m30s, 12h or 7d")),
        }
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
            .map_err(|why| format!("{text:?} is no length of time: {why}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_units() {
        assert_eq!("1m30s".parse(), Ok(Span(Duration::from_secs(90))));
        assert_eq!("3".parse(), Ok(Span(Duration::from_secs(3))));
        assert_eq!("12000d".parse(), Ok(Span(Duration::from_hours(288_000))));
        let error = "1x".parse::<Span>().unwrap_err();
        assert!(error.contains("12h or 7d"), "{error}");
        for bad in ["", "0", "-1s", "ten", "1x"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }
}
