//! Who a connection is.

use super::Schemes;
use base64::{Engine, prelude::BASE64_STANDARD};
use dockeeper_zk_proto::acl::Id;
use ring::digest::SHA1_FOR_LEGACY_USE_ONLY;
use std::net::IpAddr;

/// The scheme of whoever may do everything.
const SUPER: &str = "super";

/// Credentials were refused: the client gets
/// [`AuthFailed`](dockeeper_zk_proto::ErrorCode::AuthFailed), and its connection is closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthFailed {
    /// The server has no such scheme.
    #[error(
        "there is no authentication scheme {0:?} here; use digest, ip, or, on a TLS connection, x509"
    )]
    Scheme(String),
    /// The request lacks credentials.
    #[error("the request for the scheme {0} has no credentials; send user:password")]
    NoCredentials(&'static str),
    /// The connection has no client certificate.
    #[error("the connection has no client certificate that x509 could go by; connect with one")]
    NoCertificate,
}

// === impl Schemes ===

impl Schemes {
    /// The identities that credentials give to a connection from `ip` whose client certificate
    /// names `x509`.
    ///
    /// `digest` takes any `user:password`: whether it is worth something, lists decide.
    pub fn authenticate(
        &self,
        scheme: &str,
        credentials: Option<&[u8]>,
        ip: IpAddr,
        x509: Option<&str>,
    ) -> Result<Vec<Id>, AuthFailed> {
        match scheme {
            "digest" => {
                let credentials = credentials.ok_or(AuthFailed::NoCredentials("digest"))?;
                Ok(self.with_digest(&String::from_utf8_lossy(credentials)))
            }
            "ip" => Ok(vec![ip_id(ip)]),
            "x509" if self.x509 => match x509 {
                Some(name) => Ok(vec![id("x509", name)]),
                None => Err(AuthFailed::NoCertificate),
            },
            _ => Err(AuthFailed::Scheme(scheme.to_owned())),
        }
    }

    fn with_digest(&self, credentials: &str) -> Vec<Id> {
        let digest = digest(credentials);
        let is_super = self.super_digest.as_ref() == Some(&digest);
        let super_id = is_super.then(|| id(SUPER, ""));
        super_id.into_iter().chain([id("digest", digest)]).collect()
    }
}

/// The identity that each connection has by its address.
///
/// An IPv4 address that arrived on an IPv6 socket is itself. IPv6 addresses have all their eight
/// groups, as Java writes them.
pub fn ip_id(ip: IpAddr) -> Id {
    match ip.to_canonical() {
        IpAddr::V4(ip) => id("ip", ip.to_string()),
        IpAddr::V6(ip) => id(
            "ip",
            ip.segments().map(|group| format!("{group:x}")).join(":"),
        ),
    }
}

/// Whether the server's configured super user is among `ids`.
pub(super) fn is_super(ids: &[Id]) -> bool {
    ids.iter().any(|id| id.scheme == SUPER)
}

pub(super) fn digest(credentials: &str) -> String {
    let (user, _) = credentials.split_once(':').unwrap_or((credentials, ""));
    let hash = ring::digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, credentials.as_bytes());
    format!("{user}:{}", BASE64_STANDARD.encode(hash))
}

fn id(scheme: &str, id: impl Into<String>) -> Id {
    Id {
        scheme: scheme.to_owned(),
        id: id.into(),
    }
}
