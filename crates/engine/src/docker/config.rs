use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Error;

/// How long a request may take. An engine answers in milliseconds; one under heavy load, or with a
/// container that holds its lock, in seconds.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Where Docker's own command line looks for an engine.
const HOST_VARIABLE: &str = "DOCKER_HOST";

/// Where an engine is and how to talk to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `unix:///path`, or `tcp://host:port`; by default `unix:///var/run/docker.sock`.
    pub host: Option<String>,
    /// The setting that `host` was given with: what an error about it names.
    pub host_setting: &'static str,
    /// The files that prove who is who. With them, `tcp://` speaks TLS; a Unix socket ignores them.
    pub tls: Option<Tls>,
    /// The time limit of each request. Event streams and commands have it for their opening alone.
    pub request_timeout: Duration,
}

/// The files of a TLS connection, all PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The authorities that may vouch for the engine; no other is trusted.
    pub ca: PathBuf,
    /// The certificate that proves to the engine who we are.
    pub cert: PathBuf,
    /// The key of that certificate.
    pub key: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: None,
            host_setting: HOST_VARIABLE,
            tls: None,
            request_timeout: REQUEST_TIMEOUT,
        }
    }
}

impl Config {
    /// The settings that Docker's own command line takes from the environment: `DOCKER_HOST`;
    /// `DOCKER_TLS_VERIFY`, which asks for TLS when it is not empty; and `DOCKER_CERT_PATH`, the
    /// folder of `ca.pem`, `cert.pem` and `key.pem`, by default `~/.docker`. TLS without
    /// verification is not to be had.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when TLS is asked for and its folder cannot be told.
    pub fn from_env(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let value = |name| lookup(name).filter(|value| !value.is_empty());
        let tls = match value("DOCKER_TLS_VERIFY") {
            None => None,
            Some(verify) => {
                let default = || value("HOME").map(|home| Path::new(&home).join(".docker"));
                let folder = value("DOCKER_CERT_PATH")
                    .map(PathBuf::from)
                    .or_else(default);
                Some(Tls::in_folder(&folder.ok_or_else(|| no_folder(verify))?))
            }
        };
        Ok(Self {
            host: value(HOST_VARIABLE),
            tls,
            ..Self::default()
        })
    }
}

impl Config {
    /// The engine at `host`, which was given with `setting`, whatever the environment says.
    #[must_use]
    pub fn with_host(self, host: &str, setting: &'static str) -> Self {
        Self {
            host: Some(host.to_owned()),
            host_setting: setting,
            ..self
        }
    }
}

impl Tls {
    /// The files by the names that Docker gives them, in one folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            ca: folder.join("ca.pem"),
            cert: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        }
    }
}

fn no_folder(verify: String) -> Error {
    Error::Config {
        setting: "DOCKER_TLS_VERIFY",
        value: verify,
        reason: "TLS needs certificates: set DOCKER_CERT_PATH to the folder of ca.pem, cert.pem \
                 and key.pem"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(vars: &[(&str, &str)]) -> Result<Config, Error> {
        let find = |name: &str| vars.iter().find(|(n, _)| *n == name);
        Config::from_env(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn an_empty_environment_means_the_local_engine() {
        assert_eq!(from(&[]).unwrap(), Config::default());
        assert_eq!(
            from(&[("DOCKER_HOST", ""), ("DOCKER_TLS_VERIFY", "")]).unwrap(),
            Config::default()
        );
    }

    #[test]
    fn tls_is_found_as_docker_finds_it() {
        let home = [("DOCKER_TLS_VERIFY", "1"), ("HOME", "/home/u")];
        assert_eq!(
            from(&home).unwrap().tls.unwrap().ca,
            Path::new("/home/u/.docker/ca.pem")
        );
        let path = [
            ("DOCKER_TLS_VERIFY", "1"),
            ("HOME", "/home/u"),
            ("DOCKER_CERT_PATH", "/c"),
        ];
        assert_eq!(
            from(&path).unwrap().tls.unwrap(),
            Tls::in_folder(Path::new("/c"))
        );
        assert_eq!(from(&[("DOCKER_CERT_PATH", "/c")]).unwrap().tls, None);
        let error = from(&[("DOCKER_TLS_VERIFY", "1")]).unwrap_err().to_string();
        assert!(error.contains("set DOCKER_CERT_PATH"), "{error}");
    }
}
