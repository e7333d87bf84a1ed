use std::path::PathBuf;

/// Where clients connect with TLS, on each server's own address.
pub const SECURE_PORT: u16 = 2281;

/// TLS on a second port of each `ZooKeeper` server.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The servers' certificate and private key in one file; a name ending in `.pem` is read as
    /// PEM, one in `.jks` or `.p12` as such.
    pub key_store: PathBuf,
    /// Who vouches for clients' certificates.
    pub trust_store: PathBuf,
    /// Whether a client has to show a certificate.
    pub needs_client_certificate: bool,
}

impl Tls {
    /// The lines of `zoo.cfg`. Only Netty's connections know TLS.
    pub(super) fn options(&self) -> [(String, String); 5] {
        let client_auth = if self.needs_client_certificate {
            "need"
        } else {
            "none"
        };
        let factory = "org.apache.zookeeper.server.NettyServerCnxnFactory";
        [
            ("secureClientPort", SECURE_PORT.to_string()),
            ("serverCnxnFactory", factory.to_owned()),
            (
                "ssl.keyStore.location",
                self.key_store.display().to_string(),
            ),
            (
                "ssl.trustStore.location",
                self.trust_store.display().to_string(),
            ),
            ("ssl.clientAuth", client_auth.to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
    }
}
