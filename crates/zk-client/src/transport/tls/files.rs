use super::{Identity, Options};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName,
        pem::{self, PemObject},
    },
};

/// TLS cannot be used as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A file cannot be read, or does not hold what it should.
    #[error("{what} {} cannot be used: {why}", .path.display())]
    File {
        /// What the file should hold.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The system trusts nobody, as far as can be read.
    #[error(
        "the system's trusted certificates cannot be read ({0}); name a file with the servers' \
         authority"
    )]
    NoRoots(String),
    /// No certificate is for such a name.
    #[error("{0:?} is neither a host name nor an address that a certificate could be for")]
    ServerName(String),
}

const CA: &str = "the file of trusted certificates";
const CERT: &str = "the client's certificate";
const KEY: &str = "the client's private key";

/// Makes of the files what opens TLS connections.
pub(super) fn read(options: &Options) -> Result<Arc<ClientConfig>, Error> {
    let roots = match &options.ca {
        Some(path) => roots_of(path)?,
        None => system_roots()?,
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for the default versions")
        .with_root_certificates(roots);
    let Some(Identity { cert, key }) = &options.identity else {
        return Ok(Arc::new(builder.with_no_client_auth()));
    };
    let chain = certificates(CERT, cert)?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(KEY, key, error))?;
    let config = builder.with_client_auth_cert(chain, private);
    let config = config.map_err(|error| {
        let why = format!("{error} (with the key {})", key.display());
        unusable(CERT, cert, why)
    })?;
    Ok(Arc::new(config))
}

/// The name that a certificate must have.
pub(super) fn server_name(name: &str) -> Result<ServerName<'static>, Error> {
    // A link-local address may have a scope, which is no part of it.
    let (bare, _scope) = name.split_once('%').unwrap_or((name, ""));
    ServerName::try_from(bare.to_owned()).map_err(|_| Error::ServerName(name.to_owned()))
}

fn roots_of(path: &Path) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(CA, path)? {
        let added = roots.add(certificate);
        added.map_err(|error| unusable(CA, path, error.to_string()))?;
    }
    Ok(roots)
}

/// The authorities that the system trusts, as far as they can be read.
fn system_roots() -> Result<RootCertStore, Error> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, refused) = roots.add_parsable_certificates(found.certs);
    tracing::debug!(added, refused, "read the system's trusted certificates");
    if added == 0 {
        let why = found.errors.first().map(ToString::to_string);
        return Err(Error::NoRoots(
            why.unwrap_or_else(|| "there is none".to_owned()),
        ));
    }
    Ok(roots)
}

fn certificates(what: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let all = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(what, path, error))?;
    if all.is_empty() {
        let why = "there is no certificate in PEM in it".to_owned();
        return Err(unusable(what, path, why));
    }
    Ok(all)
}

fn unreadable(what: &'static str, path: &Path, error: pem::Error) -> Error {
    let why = match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "there is nothing of the kind in PEM in it".to_owned(),
        other => other.to_string(),
    };
    unusable(what, path, why)
}

fn unusable(what: &'static str, path: &Path, why: String) -> Error {
    Error::File {
        what,
        path: path.to_owned(),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_error_names_the_file_and_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let made = rcgen::generate_simple_self_signed(["zk1".to_owned()]).unwrap();
        let other = rcgen::KeyPair::generate().unwrap();
        fs::write(path("cert"), made.cert.pem()).unwrap();
        fs::write(path("key"), made.signing_key.serialize_pem()).unwrap();
        fs::write(path("other"), other.serialize_pem()).unwrap();
        fs::write(path("text"), "no certificate").unwrap();
        let options = |ca: &str, cert: &str, key: &str| Options {
            ca: Some(path(ca)),
            identity: Some(Identity {
                cert: path(cert),
                key: path(key),
            }),
            server_name: None,
        };
        read(&options("cert", "cert", "key")).unwrap();
        for (options, what, why) in [
            (
                options("none", "cert", "key"),
                "trusted certificates",
                "No such file",
            ),
            (
                options("text", "cert", "key"),
                "trusted certificates",
                "no certificate",
            ),
            (
                options("cert", "key", "key"),
                "client's certificate",
                "no certificate",
            ),
            (
                options("cert", "cert", "cert"),
                "private key",
                "nothing of the kind",
            ),
            (
                options("cert", "cert", "other"),
                "client's certificate",
                "with the key",
            ),
        ] {
            let error = read(&options).unwrap_err().to_string();
            assert!(error.contains(what) && error.contains(why), "{error}");
        }
    }

    #[test]
    fn names_and_addresses_can_be_certified() {
        for name in ["zk1", "zk1.example.org", "10.0.0.1", "fe80::1%eth0"] {
            server_name(name).unwrap();
        }
        assert!(server_name("a b").is_err());
    }
}
