//! The stages of a rollout on the command line.

use dockeeper_model::config::Stage;
use std::str::FromStr;

/// A stage, as a person writes it: `1`, `25%` or `label:tier=test`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StageArg(pub(super) Stage);

/// A stage as it is read.
pub(super) fn text(stage: &Stage) -> String {
    match stage {
        Stage::Count(count) => count.to_string(),
        Stage::Percent(percent) => format!("{percent}%"),
        Stage::Label(label) => format!("label:{label}"),
    }
}

// === impl StageArg ===

impl FromStr for StageArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(label) = text.strip_prefix("label:") {
            let name = label.split('=').next().unwrap_or_default();
            return match name.is_empty() || label.chars().any(char::is_control) {
                true => Err("write label:NAME or label:NAME=VALUE".to_owned()),
                false => Ok(Self(Stage::Label(label.to_owned()))),
            };
        }
        let stage = match text.strip_suffix('%') {
            Some(percent) => percent
                .parse()
                .ok()
                .filter(|p| (1..=100).contains(p))
                .map(Stage::Percent),
            None => text
                .parse()
                .ok()
                .filter(|count| *count > 0)
                .map(Stage::Count),
        };
        stage.map(Self).ok_or_else(|| {
            "write a number of containers (1), a share of them (25%), or label:NAME=VALUE"
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_as_they_are_written() {
        for good in [
            "1",
            "25%",
            "100%",
            "label:tier=test",
            "label:canary",
            "label:a=b,c=d",
        ] {
            let StageArg(stage) = good.parse().unwrap();
            assert_eq!(text(&stage), good);
        }
        for bad in [
            "", "0", "0%", "101%", "-1", "%", "label:", "label:=x", "all",
        ] {
            assert!(bad.parse::<StageArg>().is_err(), "{bad}");
        }
    }
}
