//! What a server answers instead of a body.

use std::fmt;

macro_rules! codes {
    ($( $(#[$meta:meta])* $name:ident = $value:literal, $text:literal; )*) => {
        /// Why a server refused a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $( $(#[$meta])* $name, )*
            /// A code that this version does not know.
            Other(i32),
        }

        impl ErrorCode {
            /// The code of a reply's `err`; zero is no error.
            pub fn from_wire(code: i32) -> Option<Self> {
                match code {
                    0 => None,
                    $( $value => Some(Self::$name), )*
                    other => Some(Self::Other(other)),
                }
            }

            /// What stands on the wire.
            pub fn to_wire(self) -> i32 {
                match self {
                    $( Self::$name => $value, )*
                    Self::Other(code) => code,
                }
            }
        }

        impl fmt::Display for ErrorCode {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $( Self::$name => f.write_str($text), )*
                    Self::Other(code) => write!(f, "error {code}"),
                }
            }
        }
    };
}

codes! {
    /// The server failed inside.
    SystemError = -1, "system error in the server";
    /// Not tried, because an earlier operation of the same multi failed.
    RuntimeInconsistency = -2, "not tried: another operation of the same multi failed";
    /// The server's tree is inconsistent.
    DataInconsistency = -3, "data inconsistency in the server";
    /// The server lost its connection to another server.
    ConnectionLoss = -4, "connection loss in the server";
    /// The server could not read the request.
    MarshallingError = -5, "the server could not read the request";
    /// The server does not know the operation, or it is switched off.
    Unimplemented = -6, "the server does not implement the operation";
    /// The server gave up waiting.
    OperationTimeout = -7, "the server gave up waiting";
    /// An argument is out of range.
    BadArguments = -8, "bad arguments";
    /// A reconfiguration needs a newer quorum.
    NewConfigNoQuorum = -13, "no quorum of the new configuration is connected";
    /// Another reconfiguration is under way.
    ReconfigInProgress = -14, "another reconfiguration is in progress";
    /// There is no such znode.
    NoNode = -101, "no such node";
    /// The session's identities do not allow it.
    NoAuth = -102, "not allowed by the node's ACL";
    /// The znode has another version than the one demanded.
    BadVersion = -103, "the node has another version";
    /// An ephemeral znode cannot have children.
    NoChildrenForEphemerals = -108, "an ephemeral node cannot have children";
    /// The znode is there already.
    NodeExists = -110, "the node exists already";
    /// The znode has children.
    NotEmpty = -111, "the node has children";
    /// The session has expired.
    SessionExpired = -112, "the session has expired";
    /// A callback is not valid.
    InvalidCallback = -113, "invalid callback";
    /// The access control list is not valid.
    InvalidAcl = -114, "invalid ACL";
    /// The credentials were refused.
    AuthFailed = -115, "authentication failed";
    /// The session has moved to another server.
    SessionMoved = -118, "the session has moved to another server";
    /// A read-only server takes no writes.
    NotReadOnly = -119, "the server is read-only for now";
    /// The znode is an ephemeral of a local session.
    EphemeralOnLocalSession = -120, "ephemeral node on a local session";
    /// There is no such watch.
    NoWatcher = -121, "no such watch";
    /// Reconfiguration is switched off.
    ReconfigDisabled = -123, "reconfiguration is disabled";
    /// The server wants SASL first.
    SessionClosedRequireSasl = -124, "the server requires SASL authentication";
    /// The write would go over a quota.
    QuotaExceeded = -125, "quota exceeded";
    /// The server has too many requests.
    Throttled = -127, "the server throttled the request";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_round_trips() {
        assert_eq!(ErrorCode::from_wire(0), None);
        for code in (-200..0).chain(1..10) {
            assert_eq!(ErrorCode::from_wire(code).unwrap().to_wire(), code);
        }
    }
}
