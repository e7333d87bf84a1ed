//! Encrypted connections, and who their clients' certificates say they are.

mod der;
mod subject;

use super::stream::Stream;
use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, AlertDescription, InvalidMessage, RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{
            CertificateDer, PrivateKeyDer,
            pem::{self, PemObject},
        },
        server::WebPkiClientVerifier,
    },
    server::TlsStream,
};

/// The files that TLS needs, all of them PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, and those between it and its authority.
    pub certificate: PathBuf,
    /// The certificate's private key.
    pub key: PathBuf,
    /// Who vouches for clients. With it, a client without a certificate is refused; without it,
    /// none is asked for one.
    pub client_ca: Option<PathBuf>,
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One of the files cannot be used.
    #[error("cannot use {} for TLS: {reason}; it has to be a PEM file with {wanted}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        wanted: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The certificate and the key are none for each other, or of a kind that cannot be used.
    #[error(
        "cannot use the certificate {} with the key {} for TLS: {reason}; the key has to be the \
         one that the certificate was made for",
        certificate.display(), key.display()
    )]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A client and this server have not come to terms.
    #[error("{0}{hint}", hint = hint(.0))]
    Handshake(#[source] io::Error),
    /// A client's certificate is sound, but names nobody.
    #[error("{0}")]
    Subject(String),
}

/// Makes encrypted connections of plain ones.
#[derive(Clone)]
pub(super) struct Acceptor(TlsAcceptor);

// === impl Acceptor ===

impl Acceptor {
    /// Reads the files.
    pub(super) fn new(files: &TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(&files.certificate, CERTIFICATES, &error))?;
        let builder = match &files.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let failed = |error: &dyn fmt::Display| unusable(path, CERTIFICATES, error);
                let mut roots = RootCertStore::empty();
                for certificate in certificates(path)? {
                    roots.add(certificate).map_err(|error| failed(&error))?;
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .map_err(|error| failed(&error))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let key = PrivateKeyDer::from_pem_file(&files.key)
            .map_err(|error| unreadable(&files.key, KEY, error))?;
        let config = builder
            .with_single_cert(certificates(&files.certificate)?, key)
            .map_err(|error| TlsError::Pair {
                certificate: files.certificate.clone(),
                key: files.key.clone(),
                reason: error.to_string(),
            })?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Encrypts a connection, and tells its client's distinguished name if there is a certificate.
    /// A connection that fails comes back.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
    ) -> Result<(TlsStream<TcpStream>, Option<String>), (TlsError, Stream)> {
        let accepted = self.0.accept(stream).into_fallible().await;
        let stream = accepted
            .map_err(|(error, stream)| (TlsError::Handshake(error), Stream::Plain(stream)))?;
        let certificates = stream.get_ref().1.peer_certificates();
        let subject = certificates.and_then(<[_]>::first).map(|certificate| {
            let name = der::subject(certificate).and_then(subject::to_rfc2253);
            name.map_err(|error| TlsError::Subject(error.to_string()))
        });
        match subject.transpose() {
            Ok(subject) => Ok((stream, subject)),
            Err(error) => Err((error, Stream::Tls(Box::new(stream)))),
        }
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptor(..)")
    }
}

/// What a handshake that failed says of the client.
fn hint(error: &io::Error) -> &'static str {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    match cause {
        Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
            "; the client does not speak TLS, and this address takes nothing else"
        }
        Some(rustls::Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown,
        )) => "; the client does not trust the server's certificate",
        Some(rustls::Error::NoCertificatesPresented) => "; clients have to show a certificate here",
        _ => "",
    }
}

const CERTIFICATES: &str = "certificates";
const KEY: &str = "a private key";

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(path, CERTIFICATES, error))?;
    if all.is_empty() {
        return Err(unusable(path, CERTIFICATES, &"there is none in it"));
    }
    Ok(all)
}

fn unreadable(path: &Path, wanted: &'static str, error: pem::Error) -> TlsError {
    match error {
        pem::Error::Io(error) => unusable(path, wanted, &error),
        other => unusable(path, wanted, &other),
    }
}

fn unusable(path: &Path, wanted: &'static str, reason: &dyn fmt::Display) -> TlsError {
    TlsError::File {
        path: path.to_owned(),
        wanted,
        reason: reason.to_string(),
    }
}
