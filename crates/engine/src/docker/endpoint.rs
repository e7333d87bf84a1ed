use std::fmt;
use std::path::PathBuf;

use super::Config;
use crate::Error;

/// Where an engine listens when nothing else is said.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// The ports that are registered for the engine, without and with TLS.
const PLAIN_PORT: u16 = 2375;
const TLS_PORT: u16 = 2376;

/// The address of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// A Unix socket.
    Unix(PathBuf),
    /// A host and a port, with or without TLS.
    Tcp { host: String, port: u16, tls: bool },
}

impl Endpoint {
    /// The engine of these settings.
    pub(super) fn of(config: &Config) -> Result<Self, Error> {
        let Some(host) = &config.host else {
            return Ok(Self::Unix(DEFAULT_SOCKET.into()));
        };
        Self::parse(host, config.tls.is_some()).map_err(|reason| Error::Config {
            setting: config.host_setting,
            value: host.clone(),
            reason,
        })
    }

    /// Reads an address as in `DOCKER_HOST`. `tls` says whether TLS files are configured.
    fn parse(text: &str, tls: bool) -> Result<Self, String> {
        let invalid = |reason: &str| reason.to_owned();
        match text.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("unix", _)) => Err(invalid("a socket's path is absolute: unix:///path")),
            Some(("tcp" | "http", authority)) => tcp(authority, tls),
            Some(("https", _)) if !tls => Err(invalid(
                "TLS needs certificates: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH",
            )),
            Some(("https", authority)) => tcp(authority, true),
            Some(("ssh", _)) => Err(invalid(
                "ssh is not supported: run on the engine's host, or use tcp:// with TLS",
            )),
            _ => Err(invalid("write unix:///path or tcp://host:port")),
        }
    }

    /// What the `Host` header of a request says.
    pub(super) fn authority(&self) -> String {
        match self {
            Self::Unix(_) => "docker".to_owned(),
            Self::Tcp { host, port, .. } if host.contains(':') => format!("[{host}]:{port}"),
            Self::Tcp { host, port, .. } => format!("{host}:{port}"),
        }
    }
}

/// As in `DOCKER_HOST`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { .. } => write!(f, "tcp://{}", self.authority()),
        }
    }
}

/// Reads `host`, `host:port`, `[v6]` or `[v6]:port`.
fn tcp(authority: &str, tls: bool) -> Result<Endpoint, String> {
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or("a bracket is not closed")?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    if host.is_empty() || host.contains(['/', '@', '?', ' ']) {
        return Err("write tcp://host:port, without a path or a user".to_owned());
    }
    let port = match port.strip_prefix(':') {
        Some(digits) => digits
            .parse()
            .map_err(|_| format!("{digits:?} is not a port"))?,
        None if port.is_empty() => [PLAIN_PORT, TLS_PORT][usize::from(tls)],
        None => return Err(format!("{port:?} behind the bracket is not a port")),
    };
    Ok(Endpoint::Tcp {
        host: host.to_owned(),
        port,
        tls,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docker::Tls;
    use proptest::prelude::*;
    use std::path::Path;

    fn of(host: Option<&str>, tls: bool) -> Result<Endpoint, Error> {
        Endpoint::of(&Config {
            host: host.map(str::to_owned),
            tls: tls.then(|| Tls::in_folder(Path::new("/c"))),
            ..Config::default()
        })
    }

    #[test]
    fn an_error_names_the_setting_that_the_host_was_given_with() {
        let config = Config::default().with_host("foo", "--docker");
        let error = Endpoint::of(&config).unwrap_err().to_string();
        assert!(error.starts_with("--docker is \"foo\""), "{error}");
        let error = of(Some("foo"), false).unwrap_err().to_string();
        assert!(error.starts_with("DOCKER_HOST is \"foo\""), "{error}");
    }

    #[test]
    fn what_docker_understands_is_understood() {
        let cases = [
            (None, false, "unix:///var/run/docker.sock"),
            (
                Some("unix:///run/user/1000/docker.sock"),
                true,
                "unix:///run/user/1000/docker.sock",
            ),
            (Some("tcp://10.0.0.5:2375"), false, "tcp://10.0.0.5:2375"),
            (
                Some("tcp://engine.example"),
                false,
                "tcp://engine.example:2375",
            ),
            (
                Some("tcp://engine.example/"),
                true,
                "tcp://engine.example:2376",
            ),
            (Some("tcp://[fd00::1]:99"), false, "tcp://[fd00::1]:99"),
            (Some("tcp://[fd00::1]"), true, "tcp://[fd00::1]:2376"),
            (
                Some("https://engine.example:443"),
                true,
                "tcp://engine.example:443",
            ),
        ];
        for (host, tls, expected) in cases {
            assert_eq!(of(host, tls).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let cases = [
            ("ssh://host", "ssh is not supported"),
            ("/var/run/docker.sock", "write unix:///path"),
            ("unix://docker.sock", "absolute"),
            ("tcp://host:port", "is not a port"),
            ("tcp://:2375", "tcp://host:port"),
            ("tcp://host:2375/base", "is not a port"),
            ("tcp://user@host:1", "without a path or a user"),
            ("tcp://[::1", "not closed"),
            ("https://host", "DOCKER_CERT_PATH"),
        ];
        for (host, reason) in cases {
            let error = of(Some(host), false).unwrap_err().to_string();
            assert!(
                error.contains(host) && error.contains(reason),
                "{host}: {error}"
            );
        }
    }

    proptest! {
        #[test]
        fn parsing_what_is_shown_gives_the_same(
            host in "[a-z0-9.]{1,9}|[0-9a-f]{1,4}::[0-9a-f]{1,4}",
            port: u16,
            tls: bool,
        ) {
            let endpoint = Endpoint::Tcp { host, port, tls };
            prop_assert_eq!(of(Some(&endpoint.to_string()), tls).unwrap(), endpoint);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", tls: bool) {
            let _ = of(Some(&text), tls);
            let _ = of(Some(&format!("tcp://{text}")), tls);
        }
    }
}
