//! What went wrong with ZooKeeper, and what to do about it.

use super::{auth::Identity, tls_option};
use crate::{
    exit::{Code, Failure},
    output::{duration, text},
    tree::{acl::Masked, tally::Paths},
};
use dockeeper_config::{secrets, store};
use dockeeper_recipes as recipes;
use dockeeper_registry::cluster;
use dockeeper_zk_client::{
    ConnectString, Ended, Error, ErrorCode, ErrorKind, NotConnected,
    error::{NotSent, Unknown},
    state::Attempt,
};
use std::collections::BTreeSet;

const CHECK_THE_SERVERS: &str = "\
check that ZooKeeper runs there, that the port is the client port (2181 by default) and that no \
firewall is between; `dockeeper doctor` tests it step by step";

const VALID_ACL: &str = "\
a list needs an entry, and each entry a scheme that the server knows (world:anyone, auth, digest, ip, \
x509) with an ID that the scheme takes; `auth::PERMS` stands for the session's own user and needs \
credentials";

const ABOUT_QUOTAS: &str = "\
a znode above it has as many znodes or bytes below it as its quota allows, and the servers enforce \
quotas (enforceQuota): `dockeeper zk ls -R /zookeeper/quota` lists them; delete what is not needed, \
or raise the quota";

const ABOUT_LENGTH: &str = "\
a server hangs up on a request that is longer than its limit, jute.maxbuffer, which is 1048575 bytes \
by default (`dockeeper keeper --frame-len-max`): if it does not work a second time either, raise the \
limit of all servers, or write less";

const SYSTEM_ERROR: &str = "the server's own log says why; a full disk is one cause";

/// From how many bytes on a request may be too long for a server: some have a lower limit than the
/// default.
const LONG_LEN: usize = 16 << 10;

const TRIED_THE_DEFAULT: &str = "\
127.0.0.1:2181, where `dockeeper dev` and `dockeeper keeper` listen, is the default: give another \
address with --zk HOST:PORT[,HOST:PORT...][/CHROOT] or DOCKEEPER_ZK";

/// There is no connection.
pub(super) fn not_connected(
    servers: &ConnectString,
    identity: &Identity,
    why: &NotConnected,
) -> Failure {
    match why {
        NotConnected::Deadline { waited, attempts } => Failure::new(
            Code::Unreachable,
            format!(
                "no ZooKeeper server answered within {}\n{}\n{}{CHECK_THE_SERVERS}",
                duration::long(*waited),
                self::attempts(attempts),
                tls_options(attempts, identity.option.tls)
            ),
        ),
        NotConnected::Ended(Ended::AuthFailed) => auth_failed(servers, identity),
        NotConnected::Ended(ended) => Failure::new(
            Code::Unreachable,
            format!("no connection to ZooKeeper at {servers}: {ended}"),
        ),
    }
}

/// Says of a failure to reach ZooKeeper that nobody had said where it is.
pub(crate) fn of_default(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Failure>() {
        Ok(failure) if failure.code == Code::Unreachable => {
            let message = format!("{failure}\n{TRIED_THE_DEFAULT}");
            Failure::new(Code::Unreachable, message).into()
        }
        Ok(failure) => failure.into(),
        Err(error) => error,
    }
}

/// The options that help, one a line.
fn tls_options(attempts: &[Attempt], switch: &str) -> String {
    let options = attempts.iter().filter_map(|a| tls_option(&a.error, switch));
    let options: BTreeSet<_> = options.collect();
    options.into_iter().map(|option| option + "\n").collect()
}

/// The hosts that were tried, one a line, and how each failed.
pub(super) fn attempts(attempts: &[Attempt]) -> String {
    let lines = attempts.iter().map(|attempt| format!("  {attempt}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn auth_failed(servers: &ConnectString, identity: &Identity) -> Failure {
    let advice = identity.advice();
    let message = format!("ZooKeeper at {servers} refused the credentials; {advice}");
    Failure::new(Code::Refused, message)
}

/// Some znodes may not be read, and what comes of it.
pub(super) fn unreadable(
    servers: &ConnectString,
    identity: &Identity,
    paths: &Paths,
    consequence: &str,
) -> Failure {
    let count = text::count(paths.count, "znode");
    let (lines, advice) = (paths.lines(), identity.advice());
    let message = format!(
        "ZooKeeper at {servers} hides {count} from {identity}; {consequence}:{lines}\n{advice}"
    );
    Failure::new(Code::Partial, message)
}

/// Gives the failure of a request its exit code, its server and its advice; leaves other errors
/// alone.
pub(super) fn error(
    error: anyhow::Error,
    servers: &ConnectString,
    identity: &Identity,
) -> anyhow::Error {
    let advice = identity.advice();
    if let Some(masked) = error.downcast_ref::<Masked>() {
        let message = format!("ZooKeeper at {servers}: {masked}; {advice}");
        return Failure::new(Code::Refused, message).into();
    }
    let Some(request) = request(&error) else {
        return error;
    };
    let (code, message) = match request.kind() {
        ErrorKind::NotSent(NotSent::AuthFailed) => return auth_failed(servers, identity).into(),
        ErrorKind::Refused(ErrorCode::NoAuth) => {
            let message = format!("ZooKeeper at {servers} refused {identity}: {request}; {advice}");
            return Failure::new(Code::Refused, message).into();
        }
        ErrorKind::Refused(ErrorCode::NoNode) => (Code::NotFound, request.to_string()),
        ErrorKind::Refused(ErrorCode::AuthFailed | ErrorCode::SessionClosedRequireSasl) => {
            (Code::Refused, format!("{request}; {advice}"))
        }
        ErrorKind::Unknown(Unknown::ConnectionLost) if request.request_len() >= LONG_LEN => {
            let len = request.request_len();
            let message = format!("{request}. The request had {len} bytes: {ABOUT_LENGTH}");
            (Code::Unreachable, message)
        }
        ErrorKind::NotSent(NotSent::Deadline { .. } | NotSent::Expired) | ErrorKind::Unknown(_) => {
            (Code::Unreachable, format!("{request}; {CHECK_THE_SERVERS}"))
        }
        ErrorKind::Refused(code) => match refusal_advice(*code) {
            Some(advice) => (Code::Failure, format!("{request}; {advice}")),
            None => (Code::Failure, request.to_string()),
        },
        ErrorKind::NotSent(_) => return error,
    };
    Failure::new(code, format!("ZooKeeper at {servers}: {message}")).into()
}

/// What to do about a refusal that is not about who asks.
fn refusal_advice(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::InvalidAcl => Some(VALID_ACL),
        ErrorCode::QuotaExceeded => Some(ABOUT_QUOTAS),
        ErrorCode::SystemError => Some(SYSTEM_ERROR),
        _ => None,
    }
}

/// The request that a failure is one of, if it is.
pub(crate) fn request(error: &anyhow::Error) -> Option<Error> {
    let mut causes = error.chain();
    causes.find_map(|cause| {
        if let Some(cluster::Error::ZooKeeper(request)) = cause.downcast_ref() {
            return Some(request.clone());
        }
        if let Some(recipes::Error::Refused(request)) = cause.downcast_ref() {
            return Some(request.clone());
        }
        if let Some(store::Error::ZooKeeper(request)) = cause.downcast_ref() {
            return Some(request.clone());
        }
        if let Some(secrets::Error::ZooKeeper(request)) = cause.downcast_ref() {
            return Some(request.clone());
        }
        cause.downcast_ref::<Error>().cloned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zookeeper::{AuthOption, LOCAL};
    use dockeeper_zk_client::{connect_string::Host, state::ConnectError};
    use std::time::Duration;

    const NOBODY: Identity = Identity {
        has_credentials: false,
        option: AuthOption::ZK,
    };

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
        let failure = not_connected(&"zk1,zk2".parse().unwrap(), &NOBODY, &why);
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
    fn only_what_was_not_reached_is_said_to_be_the_default() {
        let unreachable = Failure::new(Code::Unreachable, "nobody answers");
        let told = of_default(unreachable.into());
        assert_eq!(
            told.downcast_ref::<Failure>().unwrap().code,
            Code::Unreachable
        );
        let told = told.to_string();
        let names_it = told.contains(LOCAL) && told.contains("--zk");
        assert!(told.starts_with("nobody answers\n") && names_it, "{told}");
        let other = of_default(Failure::not_found("no such thing").into());
        assert_eq!(other.to_string(), "no such thing");
    }

    #[test]
    fn refused_credentials_have_a_code_and_name_their_option() {
        let identity = Identity {
            has_credentials: true,
            option: AuthOption {
                option: "--to-auth",
                variable: "DOCKEEPER_TO_AUTH",
                tls: "--to-tls",
            },
        };
        let why = NotConnected::Ended(Ended::AuthFailed);
        let failure = not_connected(&"zk1".parse().unwrap(), &identity, &why);
        assert_eq!(failure.code, Code::Refused);
        assert!(failure.message.contains("refused the credentials"));
        assert!(failure.message.contains("--to-auth"), "{failure}");
    }

    #[test]
    fn a_list_that_is_hidden_in_part_names_its_server() {
        let path = "/a".to_owned();
        let error = error(Masked { path }.into(), &"zk1".parse().unwrap(), &NOBODY);
        let failure: Failure = error.downcast().unwrap();
        assert_eq!(failure.code, Code::Refused);
        let begin = "ZooKeeper at zk1:2181: a part of the access control list of /a is hidden";
        assert!(failure.message.starts_with(begin), "{failure}");
        assert!(failure.message.contains("--zk-auth"), "{failure}");
    }

    #[test]
    fn a_system_error_is_explained_by_the_servers_log() {
        let advice = refusal_advice(ErrorCode::SystemError).unwrap();
        assert!(
            advice.contains("log") && advice.contains("full disk"),
            "{advice}"
        );
    }

    #[test]
    fn few_of_many_hidden_znodes_are_named() {
        let mut paths = Paths::default();
        for number in 0..12 {
            paths.add(&format!("/{number}"));
        }
        let failure = unreadable(
            &"zk1".parse().unwrap(),
            &NOBODY,
            &paths,
            "they are left out",
        );
        assert_eq!(failure.code, Code::Partial);
        let begin = "ZooKeeper at zk1:2181 hides 12 znodes from anybody without credentials; they \
            are left out:\n  /0\n";
        assert!(failure.message.starts_with(begin), "{failure}");
        let end = "\n  and 2 more\ngive a user and a password that may, with DOCKEEPER_ZK_AUTH or \
            --zk-auth";
        assert!(failure.message.ends_with(end), "{failure}");
    }
}
