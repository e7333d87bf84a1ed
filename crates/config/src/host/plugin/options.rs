//! What a volume is created with: `docker volume create --opt config=web`.

use crate::host::volume::VolumeName;
use dockeeper_model::config::{AppName, InvalidAppName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The option that names the app.
const CONFIG: &str = "config";

/// The option for a volume of data.
const DATA: &str = "data";

/// What a volume is created with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// The app whose configuration it has: that of the volume's own name unless told otherwise.
    pub config: AppName,
}

/// Why a volume cannot be created as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOptions {
    /// An option that means nothing here.
    #[error("there is no option {0:?}: the options are {CONFIG}=<app>")]
    Unknown(String),
    /// Data volumes are not there yet.
    #[error("the option {DATA} is not supported by this version: the options are {CONFIG}=<app>")]
    Data,
    /// The app's name is none.
    #[error("option {CONFIG}: {0}")]
    Config(#[from] InvalidAppName),
}

// === impl Options ===

impl Options {
    /// Reads what Docker hands over.
    pub fn parse(
        volume: &VolumeName,
        options: &BTreeMap<String, String>,
    ) -> Result<Self, InvalidOptions> {
        let mut config = volume.app().clone();
        for (name, value) in options {
            match name.as_str() {
                CONFIG => config = value.parse()?,
                DATA => return Err(InvalidOptions::Data),
                _ => return Err(InvalidOptions::Unknown(name.chars().take(64).collect())),
            }
        }
        Ok(Self { config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(options: &[(&str, &str)]) -> Result<String, String> {
        let owned = options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let parsed = Options::parse(&"web".parse().unwrap(), &owned.collect());
        parsed
            .map(|options| options.config.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_volume_has_the_app_of_its_name_or_of_its_option() {
        assert_eq!(parse(&[]), Ok("web".to_owned()));
        assert_eq!(parse(&[("config", "shop")]), Ok("shop".to_owned()));
    }

    #[test]
    fn what_is_not_understood_is_refused_with_what_is() {
        for (option, says) in [
            (("size", "1g"), "the options are config=<app>"),
            (("data", "x"), "not supported by this version"),
            (("config", "../x"), "cannot be the name of an app"),
            (("config", ""), "cannot be the name of an app"),
        ] {
            let error = parse(&[option]).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
