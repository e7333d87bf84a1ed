//! Certificates for servers and clients of a testbed, in files.

use std::{fs, path::PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::{
    error::{Error, Result},
    layout::NUMBER_MAX,
    zookeeper::Tls,
};

/// A name that the servers' certificate has, and that no server is reached by.
pub const SERVER_NAME: &str = "zk.test";

/// Two authorities and what they vouch for, in PEM:
///
/// * `ca.pem`, the authority; `server.pem`, the first `ZooKeeper` server of any testbed, with its
///   key; `client.pem` and `client-key.pem`, a client;
/// * `other-ca.pem`, `other-client.pem` and `other-client-key.pem` of an authority that nobody
///   trusts.
#[derive(Debug, Clone)]
pub struct Certificates {
    directory: PathBuf,
}

impl Certificates {
    /// Makes them in a directory that is there.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if one cannot be written.
    ///
    /// # Panics
    ///
    /// If the machine has no randomness for a key.
    pub fn write(directory: impl Into<PathBuf>) -> Result<Self> {
        let made = Self {
            directory: directory.into(),
        };
        let ours = authority("ours");
        made.put("ca.pem", &ours.pem())?;
        let (cert, key) = signed(servers(), &ours);
        made.put("server.pem", &format!("{key}{cert}"))?;
        made.put_client("client", &ours)?;
        let theirs = authority("theirs");
        made.put("other-ca.pem", &theirs.pem())?;
        made.put_client("other-client", &theirs)?;
        Ok(made)
    }

    /// The path of one of them.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// TLS for a server, which trusts clients of the same authority.
    #[must_use]
    pub fn server(&self, needs_client_certificate: bool) -> Tls {
        Tls {
            key_store: self.path("server.pem"),
            trust_store: self.path("ca.pem"),
            needs_client_certificate,
        }
    }

    fn put(&self, name: &str, content: &str) -> Result<()> {
        let path = self.path(name);
        fs::write(&path, content).map_err(Error::file("write", path))
    }

    fn put_client(&self, name: &str, authority: &Authority) -> Result<()> {
        let (cert, key) = signed(vec!["client.test".to_owned()], authority);
        self.put(&format!("{name}.pem"), &cert)?;
        self.put(&format!("{name}-key.pem"), &key)
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

/// What the first server of a testbed may be reached by: the number is known only when it starts.
fn servers() -> Vec<String> {
    let addresses = (1..=NUMBER_MAX).map(|number| format!("10.77.{number}.101"));
    addresses.chain([SERVER_NAME.to_owned()]).collect()
}

fn authority(name: &str) -> Authority {
    let mut params = params(Vec::new(), name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let made = CertifiedIssuer::self_signed(params, key());
    made.expect("an authority without names is valid")
}

/// A certificate and its key, in PEM.
fn signed(names: Vec<String>, authority: &Authority) -> (String, String) {
    let key = key();
    let cert = params(names, "test").signed_by(&key, authority);
    let cert = cert.expect("an authority signs whatever is valid");
    (cert.pem(), key.serialize_pem())
}

fn params(names: Vec<String>, common_name: &str) -> CertificateParams {
    let params = CertificateParams::new(names);
    let mut params = params.expect("the names are host names and addresses");
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().expect("the machine has randomness")
}
