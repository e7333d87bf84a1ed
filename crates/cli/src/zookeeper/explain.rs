//! What went wrong with ZooKeeper, and what to do about it.

use crate::exit::{Code, Failure};
use dockeeper_registry::cluster;
use dockeeper_zk_client::{
    ConnectString, Ended, Error, ErrorCode, ErrorKind, NotConnected, error::NotSent, state::Attempt,
};

const CHECK_THE_SERVERS: &str = "\
check that ZooKeeper runs there, that the port is the client port (2181 by default) and that no \
firewall is between; `dockeeper doctor` tests it step by step";

const GIVE_CREDENTIALS: &str = "\
give a user and a password that may, with DOCKEEPER_ZK_AUTH or --zk-auth";

const CHECK_CREDENTIALS: &str = "\
check the user and the password of DOCKEEPER_ZK_AUTH or --zk-auth";

/// There is no connection.
pub(super) fn not_connected(servers: &ConnectString, why: &NotConnected) -> Failure {
    match why {
        NotConnected::Deadline { waited, attempts } => Failure::new(
            Code::Unreachable,
            format!(
                "no ZooKeeper server answered within {waited:?}\n{}\n{CHECK_THE_SERVERS}",
                self::attempts(attempts)
            ),
        ),
        NotConnected::Ended(Ended::AuthFailed) => Failure::new(
            Code::Refused,
            format!("ZooKeeper at {servers} refused the credentials; {CHECK_CREDENTIALS}"),
        ),
        NotConnected::Ended(ended) => Failure::new(
            Code::Unreachable,
            format!("no connection to ZooKeeper at {servers}: {ended}"),
        ),
    }
}

/// The hosts that were tried, one a line, and how each failed.
pub(super) fn attempts(attempts: &[Attempt]) -> String {
    let lines = attempts.iter().map(|attempt| format!("  {attempt}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Gives the failure of a request its exit code and its advice; leaves other errors alone.
pub(super) fn error(
    error: anyhow::Error,
    servers: &ConnectString,
    has_credentials: bool,
) -> anyhow::Error {
    let Some(request) = find(&error) else {
        return error;
    };
    let advice = if has_credentials {
        CHECK_CREDENTIALS
    } else {
        GIVE_CREDENTIALS
    };
    let failure = match request.kind() {
        ErrorKind::NotSent(NotSent::AuthFailed) => {
            let advice = CHECK_CREDENTIALS;
            let message = format!("ZooKeeper at {servers} refused the credentials; {advice}");
            Failure::new(Code::Refused, message)
        }
        ErrorKind::Refused(ErrorCode::NoAuth) => {
            let who = if has_credentials {
                "the credentials that were given"
            } else {
                "anybody without credentials"
            };
            let message = format!("ZooKeeper at {servers} refused {who}: {request}; {advice}");
            Failure::new(Code::Refused, message)
        }
        ErrorKind::Refused(ErrorCode::NoNode) => {
            let message = format!("ZooKeeper at {servers}: {request}");
            Failure::new(Code::NotFound, message)
        }
        ErrorKind::Refused(ErrorCode::AuthFailed | ErrorCode::SessionClosedRequireSasl) => {
            let message = format!("ZooKeeper at {servers}: {request}; {advice}");
            Failure::new(Code::Refused, message)
        }
        ErrorKind::NotSent(NotSent::Deadline { .. } | NotSent::Expired) | ErrorKind::Unknown(_) => {
            let message = format!("ZooKeeper at {servers}: {request}; {CHECK_THE_SERVERS}");
            Failure::new(Code::Unreachable, message)
        }
        ErrorKind::Refused(_) | ErrorKind::NotSent(_) => return error,
    };
    failure.into()
}

fn find(error: &anyhow::Error) -> Option<Error> {
    let mut causes = error.chain();
    causes.find_map(|cause| {
        if let Some(cluster::Error::ZooKeeper(request)) = cause.downcast_ref() {
            return Some(request.clone());
        }
        cause.downcast_ref::<Error>().cloned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_zk_client::{connect_string::Host, state::ConnectError};
    use std::time::Duration;

    #[test]
    fn a_server_that_does_not_answer_is_named_with_its_reason() {
        let attempt = |name: &str, error| Attempt {
            host: Host {
                name: name.to_owned(),
                port: 2181,
            },
            error,
        };
        let why = NotConnected::Deadline {
            waited: Duration::from_secs(10),
            attempts: vec![
                attempt("zk1", ConnectError::Io("Connection refused".to_owned())),
                attempt("zk2", ConnectError::Timeout(Duration::from_secs(3))),
            ],
        };
        let failure = not_connected(&"zk1,zk2".parse().unwrap(), &why);
        assert_eq!(failure.code, Code::Unreachable);
        let lines: Vec<_> = failure.message.lines().collect();
        assert_eq!(
            lines[..3],
            [
                "no ZooKeeper server answered within 10s",
                "  zk1:2181: Connection refused",
                "  zk2:2181: no answer within 3s"
            ]
        );
        assert!(lines[3].contains("dockeeper doctor"), "{failure}");
    }

    #[test]
    fn refused_credentials_have_a_code_of_their_own() {
        let why = NotConnected::Ended(Ended::AuthFailed);
        let failure = not_connected(&"zk1".parse().unwrap(), &why);
        assert_eq!(failure.code, Code::Refused);
        assert!(failure.message.contains("refused the credentials"));
    }
}
