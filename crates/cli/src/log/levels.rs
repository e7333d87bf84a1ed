use serde::Deserialize;
use std::str::FromStr;
use tracing_subscriber::filter::{LevelFilter, Targets};

/// What is logged: a level for all, levels by module, or both.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Levels(pub(super) Targets);

const LEVELS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

/// Stricter than [`Targets`], which takes a misspelt level for the name of a module and logs
/// everything of it: that is nothing, and what was asked for is nowhere.
impl FromStr for Levels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut targets = Targets::new();
        for part in text.split(',').map(str::trim) {
            targets = match part.split_once('=') {
                None => targets.with_default(level(part)?),
                Some((module, word)) => targets.with_target(self::module(module)?, level(word)?),
            };
        }
        Ok(Self(targets))
    }
}

impl TryFrom<String> for Levels {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

fn level(word: &str) -> Result<LevelFilter, String> {
    let mut levels = LEVELS.into_iter();
    let found = levels.find(|(name, _)| name.eq_ignore_ascii_case(word));
    found.map(|(_, level)| level).ok_or_else(|| {
        format!(
            "{word:?} is no level: write off, error, warn, info, debug, trace or MODULE=LEVEL, \
             separated by commas"
        )
    })
}

fn module(name: &str) -> Result<&str, String> {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    if !name.is_empty() && name.chars().all(is_fit) {
        return Ok(name);
    }
    Err(format!(
        "{name:?} is no module: write MODULE=LEVEL, such as dockeeper_zk_client=debug"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_level_is_refused() {
        for good in [
            "info",
            "WARN",
            "off",
            "warn,dockeeper_zk_client=debug",
            "a::b=trace, error",
        ] {
            assert!(good.parse::<Levels>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "bogus",
            "bogus,,x=",
            "warn,",
            "x=",
            "=debug",
            "a=b=c",
            "a b=info",
            "3x",
        ] {
            assert!(bad.parse::<Levels>().is_err(), "{bad}");
        }
    }

    #[test]
    fn levels_by_module_are_understood() {
        let Levels(targets) = "warn,dockeeper_zk_client=debug".parse().unwrap();
        assert_eq!(targets, "warn,dockeeper_zk_client=debug".parse().unwrap());
    }
}
