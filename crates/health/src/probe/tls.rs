//! TLS on a probe's connection.

mod unverified;

use std::io;
use std::sync::Arc;

use rustls_native_certs::load_native_certs;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use self::unverified::Unverified;
use super::limit::Limit;
use crate::reason::Reason;
use crate::target::Target;

/// Whom probes trust.
///
/// By default that is whom the host trusts, so that an operator's own authority need be installed
/// only once. It is read when the first probe needs it, in OpenSSL's places: `SSL_CERT_FILE`,
/// `SSL_CERT_DIR`, then the distribution's. A later change is seen after a restart.
#[derive(Clone, Debug)]
pub struct Tls {
    provider: Arc<CryptoProvider>,
    roots: Arc<OnceCell<Arc<RootCertStore>>>,
}

impl Tls {
    /// Trusts the authorities that the host trusts.
    #[must_use]
    pub fn system() -> Self {
        Self {
            provider: Arc::new(ring::default_provider()),
            roots: Arc::default(),
        }
    }

    /// Trusts only these authorities.
    ///
    /// # Errors
    ///
    /// When a certificate cannot be used as an authority's.
    pub fn trusting(certificates: &[CertificateDer<'_>]) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            roots.add(certificate.clone().into_owned())?;
        }
        let roots = Arc::new(OnceCell::new_with(Some(Arc::new(roots))));
        Ok(Self {
            provider: Arc::new(ring::default_provider()),
            roots,
        })
    }

    pub(super) fn client(&self, skip_verify: bool) -> Client<'_> {
        Client {
            tls: self,
            skip_verify,
        }
    }

    async fn roots(&self, limit: Limit) -> Result<Arc<RootCertStore>, Reason> {
        // Reading some hundred certificates takes milliseconds of a thread.
        let read = || async { spawn_blocking(system_roots).await.map(Arc::new) };
        let what = "reading the host's root certificates";
        limit
            .step(what, self.roots.get_or_try_init(read))
            .await
            .cloned()
    }
}

/// TLS as one probe wants it.
#[derive(Clone, Copy)]
pub(super) struct Client<'a> {
    tls: &'a Tls,
    skip_verify: bool,
}

impl Client<'_> {
    /// Makes the handshake, offering the one protocol `alpn`.
    pub(super) async fn handshake(
        self,
        stream: TcpStream,
        target: &Target,
        alpn: &[u8],
        limit: Limit,
    ) -> Result<TlsStream<TcpStream>, Reason> {
        let what = format!("TLS handshake with {}", target.address);
        let name =
            ServerName::try_from(target.host()).map_err(|error| Reason::of(&what, &error))?;
        let connector = TlsConnector::from(Arc::new(self.config(alpn, limit).await?));
        limit
            .step(&what, async {
                connector.connect(name, stream).await.map_err(advise)
            })
            .await
    }

    async fn config(self, alpn: &[u8], limit: Limit) -> Result<ClientConfig, Reason> {
        let provider = &self.tls.provider;
        let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Reason::of("configuring TLS", &error))?;
        let builder = if self.skip_verify {
            let verifier = Arc::new(Unverified::new(provider.signature_verification_algorithms));
            builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
        } else {
            builder.with_root_certificates(self.tls.roots(limit).await?)
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![alpn.to_vec()];
        // A resumed session would hide that the certificate has expired since.
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

/// The host's trusted authorities, as far as they can be read. Without any, each handshake fails
/// with a reason that names the issuer as unknown.
fn system_roots() -> RootCertStore {
    let found = load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "cannot read some of the host's root certificates");
    }
    let mut roots = RootCertStore::empty();
    let (added, refused) = roots.add_parsable_certificates(found.certs);
    tracing::debug!(added, refused, "read the host's root certificates");
    roots
}

/// Says what to do about a certificate that is not trusted.
fn advise(error: io::Error) -> io::Error {
    let cause = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(rustls::Error::InvalidCertificate(_)) = cause {
        return io::Error::other(format!(
            "{error}; let this host trust the issuer, or set check_tls_skip_verify"
        ));
    }
    error
}
