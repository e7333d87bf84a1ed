//! An engine behind TLS that asks its callers for a certificate, as `dockerd --tlsverify` does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use dockeeper_engine::{Docker, Engine, Error, docker};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A folder as DOCKER_CERT_PATH names one: who vouches for the engine, and who we are.
fn folder(engines: &Authority, ours: &Authority) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let key = KeyPair::generate().unwrap();
    let cert = CertificateParams::new(Vec::new())
        .unwrap()
        .signed_by(&key, ours)
        .unwrap();
    let write = |name: &str, pem: String| std::fs::write(folder.path().join(name), pem).unwrap();
    write("ca.pem", engines.pem());
    write("cert.pem", cert.pem());
    write("key.pem", key.serialize_pem());
    folder
}

/// Starts a server that answers pings, and trusts the callers that its own authority vouches for.
async fn serve(authority: &Authority) -> SocketAddr {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let cert = params.signed_by(&key, authority).unwrap();
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![cert.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
                    .await
            });
        }
    });
    address
}

fn connect(address: SocketAddr, folder: &Path) -> Result<Docker, Error> {
    let host = format!("tcp://localhost:{}", address.port());
    let folder = folder.display().to_string();
    let config = docker::Config::from_env(|name| match name {
        "DOCKER_HOST" => Some(host.clone()),
        "DOCKER_TLS_VERIFY" => Some("1".to_owned()),
        "DOCKER_CERT_PATH" => Some(folder.clone()),
        _ => None,
    });
    Docker::new(&config?)
}

#[tokio::test]
async fn both_sides_are_verified() {
    let (ours, strangers) = (authority("ours"), authority("strangers"));
    let address = serve(&ours).await;
    let ping = async |engines, callers| {
        connect(address, folder(engines, callers).path())
            .unwrap()
            .ping()
            .await
    };
    ping(&ours, &ours).await.unwrap();

    let error = ping(&strangers, &ours).await.unwrap_err().to_string();
    assert!(
        error.contains("UnknownIssuer") && error.contains("check ca.pem"),
        "{error}"
    );
    let error = ping(&ours, &strangers).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named() {
    let ours = authority("ours");
    let address = serve(&ours).await;
    for name in ["ca.pem", "cert.pem", "key.pem"] {
        let folder = folder(&ours, &ours);
        std::fs::write(folder.path().join(name), "no PEM").unwrap();
        let error = connect(address, folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("DOCKER_CERT_PATH") && error.contains(name),
            "{error}"
        );
        std::fs::remove_file(folder.path().join(name)).unwrap();
        let error = connect(address, folder.path()).unwrap_err().to_string();
        assert!(
            error.contains(name) && error.contains("No such file"),
            "{error}"
        );
    }
}
