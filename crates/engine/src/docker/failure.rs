use std::io::ErrorKind;
use std::time::Duration;

use bollard::errors::Error as ClientError;

use super::endpoint::Endpoint;
use crate::Error;

/// How much of an engine's own words is kept, in bytes: a server that is no engine may answer with
/// a whole page.
const MESSAGE_BYTES_MAX: usize = 1024;

const NO_SOCKET: &str = "is dockerd running? Another socket is given with --docker or DOCKER_HOST";
const NO_PERMISSION: &str = "add the user to the docker group, or run as root";
const NO_LISTENER: &str = "is dockerd running, and listening there?";
const NO_TRUST: &str = "check ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH";

/// A request that failed: where, and what was asked for.
pub(super) struct Failure {
    host: String,
    tls: bool,
    request: String,
    limit: Duration,
}

impl Failure {
    pub(super) fn new(endpoint: &Endpoint, request: &str, limit: Duration) -> Self {
        let tls = matches!(endpoint, Endpoint::Tcp { tls: true, .. });
        Self {
            host: endpoint.to_string(),
            tls,
            request: request.to_owned(),
            limit,
        }
    }

    /// What the client library's error means.
    pub(super) fn of(self, error: ClientError) -> Error {
        match error {
            ClientError::DockerResponseServerError {
                status_code,
                message,
            } => self.refused(status_code, &message),
            ClientError::RequestTimeoutError => {
                let limit = self.limit;
                self.timeout(limit)
            }
            ClientError::IOError { err } => {
                let hint = hint(err.kind(), self.tls);
                self.unreachable(&err, hint)
            }
            ClientError::HyperResponseError { err } if err.is_parse() => self.malformed(&err),
            ClientError::HyperResponseError { err } => self.unreachable(&err, None),
            other => self.malformed(&other),
        }
    }

    /// The engine did not answer in time.
    pub(super) fn timeout(self, limit: Duration) -> Error {
        Error::Timeout {
            host: self.host,
            request: self.request,
            limit,
        }
    }

    /// The connection is gone, or never came about.
    pub(super) fn unreachable(
        self,
        reason: &dyn std::error::Error,
        hint: Option<&'static str>,
    ) -> Error {
        Error::Unreachable {
            host: self.host,
            reason: chain(reason),
            hint,
        }
    }

    /// The answer is not an engine's.
    pub(super) fn malformed(self, reason: &dyn std::error::Error) -> Error {
        Error::Malformed {
            host: self.host,
            request: self.request,
            reason: chain(reason),
        }
    }

    fn refused(self, status: u16, message: &str) -> Error {
        let message = super::convert::bounded(message.trim(), MESSAGE_BYTES_MAX).to_owned();
        Error::Refused {
            host: self.host,
            request: self.request,
            status,
            message,
        }
    }
}

/// What to do about a connection that failed in this way.
fn hint(kind: ErrorKind, tls: bool) -> Option<&'static str> {
    match kind {
        ErrorKind::NotFound => Some(NO_SOCKET),
        ErrorKind::PermissionDenied => Some(NO_PERMISSION),
        ErrorKind::ConnectionRefused => Some(NO_LISTENER),
        ErrorKind::InvalidData if tls => Some(NO_TRUST),
        _ => None,
    }
}

/// An error and what caused it, each once: some print their cause themselves.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        if !text.contains(&reason) {
            text = format!("{text}: {reason}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn failure(error: ClientError) -> String {
        let endpoint = Endpoint::Unix("/run/d.sock".into());
        Failure::new(&endpoint, "list its containers", Duration::from_secs(3))
            .of(error)
            .to_string()
    }

    #[test]
    fn each_failure_says_where_why_and_what_to_do() {
        let io = |kind: ErrorKind| ClientError::IOError {
            err: io::Error::from(kind),
        };
        let cases = [
            (io(ErrorKind::PermissionDenied), "docker group"),
            (io(ErrorKind::NotFound), "is dockerd running?"),
            (io(ErrorKind::ConnectionRefused), "listening there"),
            (io(ErrorKind::BrokenPipe), "broken pipe"),
            (
                ClientError::RequestTimeoutError,
                "did not list its containers within 3s",
            ),
            (
                ClientError::APIVersionParseError {},
                "something else listening",
            ),
        ];
        for (error, expected) in cases {
            let text = failure(error);
            assert!(
                text.contains("unix:///run/d.sock") && text.contains(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn an_engines_words_are_kept_and_bounded() {
        let refused = |message| ClientError::DockerResponseServerError {
            status_code: 409,
            message,
        };
        assert_eq!(
            failure(refused("container is paused\n".to_owned())),
            "the Docker engine at unix:///run/d.sock refused to list its containers: \
             container is paused (status 409)"
        );
        assert!(failure(refused("ä".repeat(5000))).len() < MESSAGE_BYTES_MAX + 200);
    }
}
