use crate::exit::Failure;
use clap::{Args, builder::BoolishValueParser};
use dockeeper_zk_client::transport::{
    Connect, Tcp,
    tls::{self, Identity},
};
use std::{path::PathBuf, sync::Arc};

/// Whether and how ZooKeeper is reached over TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Tls {
    /// Speak TLS with ZooKeeper; the port is its secureClientPort. The other TLS options imply it
    #[arg(long, global = true, value_name = "BOOL", env = "DOCKEEPER_ZK_TLS",
          num_args = 0..=1, require_equals = true, default_missing_value = "true",
          value_parser = BoolishValueParser::new())]
    pub(crate) zk_tls: Option<bool>,

    /// Who vouches for the servers: certificates in PEM [default: those that the system trusts]
    #[arg(long, global = true, value_name = "FILE", env = "DOCKEEPER_ZK_TLS_CA")]
    pub(crate) zk_tls_ca: Option<PathBuf>,

    /// The certificate to show to the servers, in PEM, with those up to its authority
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "DOCKEEPER_ZK_TLS_CERT"
    )]
    pub(crate) zk_tls_cert: Option<PathBuf>,

    /// The private key of that certificate, in PEM
    #[arg(long, global = true, value_name = "FILE", env = "DOCKEEPER_ZK_TLS_KEY")]
    pub(crate) zk_tls_key: Option<PathBuf>,

    /// The name that the servers' certificates must have [default: the host in --zk]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "DOCKEEPER_ZK_TLS_SERVER_NAME"
    )]
    pub(crate) zk_tls_server_name: Option<String>,
}

// === impl Tls ===

impl Tls {
    /// These settings, and those of `other` where these say nothing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            zk_tls: self.zk_tls.or(other.zk_tls),
            zk_tls_ca: self.zk_tls_ca.or(other.zk_tls_ca),
            zk_tls_cert: self.zk_tls_cert.or(other.zk_tls_cert),
            zk_tls_key: self.zk_tls_key.or(other.zk_tls_key),
            zk_tls_server_name: self.zk_tls_server_name.or(other.zk_tls_server_name),
        }
    }

    /// What opens connections.
    pub(crate) fn connect(&self) -> Result<Arc<dyn Connect>, Failure> {
        if !self.is_wanted() {
            return Ok(Arc::new(Tcp));
        }
        let options = tls::Options {
            ca: self.zk_tls_ca.clone(),
            identity: self.identity()?,
            server_name: self.zk_tls_server_name.clone(),
        };
        let tls = tls::Tls::new(options);
        let tls = tls.map_err(|why| Failure::usage(format!("TLS with ZooKeeper: {why}")))?;
        Ok(Arc::new(tls))
    }

    pub(crate) fn is_wanted(&self) -> bool {
        let is_implied = self.zk_tls_ca.is_some()
            || self.zk_tls_cert.is_some()
            || self.zk_tls_key.is_some()
            || self.zk_tls_server_name.is_some();
        self.zk_tls.unwrap_or(is_implied)
    }

    fn identity(&self) -> Result<Option<Identity>, Failure> {
        let missing = |given, missing| {
            Err(Failure::usage(format!(
                "TLS with ZooKeeper: --zk-tls-{given} is given without --zk-tls-{missing}; a \
                 certificate is of use only together with its key"
            )))
        };
        match (&self.zk_tls_cert, &self.zk_tls_key) {
            (None, None) => Ok(None),
            (Some(cert), Some(key)) => Ok(Some(Identity {
                cert: cert.clone(),
                key: key.clone(),
            })),
            (Some(_), None) => missing("cert", "key"),
            (None, Some(_)) => missing("key", "cert"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_option_implies_tls_and_another_takes_it_back() {
        let ca = Tls {
            zk_tls_ca: Some("/none".into()),
            ..Tls::default()
        };
        assert!(!Tls::default().is_wanted());
        assert!(ca.is_wanted());
        let failure = ca.connect().unwrap_err();
        assert!(failure.message.contains("/none"), "{failure}");
        let off = Tls {
            zk_tls: Some(false),
            ..Tls::default()
        };
        assert!(off.or(ca).connect().is_ok());
    }

    #[test]
    fn a_certificate_needs_its_key() {
        let half = Tls {
            zk_tls_cert: Some("/none".into()),
            ..Tls::default()
        };
        let failure = half.connect().unwrap_err();
        assert!(
            failure.message.contains("without --zk-tls-key"),
            "{failure}"
        );
    }
}
