//! Where the Docker Engine of this machine is.

use dockeeper_engine::{Error, docker::Config};

/// What an engine is given with, besides Docker's own variables.
const SETTING: &str = "--docker (DOCKEEPER_DOCKER, or docker in the configuration file)";

/// The engine that was given, else that of Docker's variables, else the local one.
///
/// # Errors
///
/// [`Error::Config`] if Docker's variables make no sense.
pub(crate) fn config(given: Option<&str>) -> Result<Config, Error> {
    let config = Config::from_env(|name| std::env::var(name).ok())?;
    Ok(match given {
        Some(host) => config.with_host(host, SETTING),
        None => config,
    })
}
