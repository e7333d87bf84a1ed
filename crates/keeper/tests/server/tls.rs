use crate::{
    raw::{Raw, create, framed},
    world::World,
};
use dockeeper_keeper::server::{Config, Keeper, TlsFiles};
use dockeeper_zk_proto::{Decoder, OpCode, Record, header::RequestHeader, session::WhoAmIResponse};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
};
use std::{net::SocketAddr, path::Path, sync::Arc};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    },
};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn files(folder: &Path, authority: &Authority) -> TlsFiles {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let write = |name: &str, pem: String| {
        let path = folder.join(name);
        std::fs::write(&path, pem).unwrap();
        path
    };
    TlsFiles {
        certificate: write("cert.pem", certificate.pem()),
        key: write("key.pem", key.serialize_pem()),
        client_ca: Some(write("ca.pem", authority.pem())),
    }
}

/// A client whose certificate comes from `ours`.
async fn connect(
    address: SocketAddr,
    theirs: &Authority,
    ours: Option<&Authority>,
) -> std::io::Result<Raw> {
    let mut roots = RootCertStore::empty();
    roots.add(theirs.der().clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match ours {
        None => builder.with_no_client_auth(),
        Some(ours) => {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.distinguished_name = DistinguishedName::new();
            params
                .distinguished_name
                .push(DnType::OrganizationName, "Acme, Inc.");
            params.distinguished_name.push(DnType::CommonName, "client");
            let certificate = params.signed_by(&key, ours).unwrap();
            let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
            let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(address).await?;
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    Ok(Raw::over(stream))
}

async fn world(authority: &Authority, change: impl FnOnce(&mut Config)) -> (World, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path(), authority);
    let world = World::start_with(|config| {
        config.tls = Some(files);
        config.listen_tls = vec!["127.0.0.1:0".parse().unwrap()];
        change(config);
    })
    .await;
    (world, folder)
}

async fn who_am_i(raw: &mut Raw) -> Vec<String> {
    let header = RequestHeader {
        xid: 1,
        opcode: OpCode::WhoAmI.to_wire(),
    };
    raw.write(&framed(&[&header.to_bytes()])).await;
    let (header, body) = raw.reply().await.unwrap();
    assert_eq!(header.err, 0);
    let reply: WhoAmIResponse = Decoder::new(body).read().unwrap();
    let ids = reply.ids.into_iter();
    ids.map(|id| format!("{}:{}", id.scheme, id.id)).collect()
}

#[tokio::test]
async fn a_certificate_is_an_identity() {
    let ours = authority();
    let (world, _folder) = world(&ours, |config| config.listen = Vec::new()).await;
    let mut raw = connect(world.tls_address(), &ours, Some(&ours))
        .await
        .unwrap();
    raw.begin(10_000).await;
    raw.call(&create("/a", &vec![3; 300_000])).await.unwrap();
    let ids = who_am_i(&mut raw).await;
    assert!(
        ids.contains(&r"x509:CN=client,O=Acme\, Inc.".to_owned()),
        "{ids:?}"
    );
}

#[tokio::test]
async fn strangers_are_refused() {
    let (ours, strangers) = (authority(), authority());
    let (world, _folder) = world(&ours, |config| config.listen = Vec::new()).await;
    for theirs in [None, Some(&strangers)] {
        // With TLS 1.3 the client only learns of it when it reads.
        if let Ok(mut raw) = connect(world.tls_address(), &ours, theirs).await {
            assert!(raw.is_closed().await);
        }
    }
    let mut plain = Raw::connect(world.tls_address()).await;
    plain.write(b"ruok").await;
    assert!(!plain.rest().await.starts_with(b"imok"));
}

#[tokio::test]
async fn one_address_takes_both() {
    let ours = authority();
    let (world, _folder) = world(&ours, |config| config.listen = config.listen_tls.clone()).await;
    assert_eq!(world.address(), world.tls_address());
    let mut raw = connect(world.address(), &ours, Some(&ours)).await.unwrap();
    raw.begin(10_000).await;
    assert_eq!(who_am_i(&mut raw).await.len(), 2);
    let mut plain = world.session().await;
    assert_eq!(who_am_i(&mut plain).await, ["ip:127.0.0.1"]);
    assert_eq!(world.ask("ruok").await, "imok");
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let good = files(folder.path(), &authority());
    let missing = folder.path().join("missing.pem");
    let wrong = [
        TlsFiles {
            key: missing.clone(),
            ..good.clone()
        },
        TlsFiles {
            certificate: good.key.clone(),
            ..good.clone()
        },
        TlsFiles {
            client_ca: Some(missing),
            ..good.clone()
        },
    ];
    for files in wrong {
        let error = refusal(folder.path(), files).await;
        assert!(error.contains(".pem for TLS"), "{error}");
    }
    let other = folder.path().join("other.pem");
    std::fs::write(&other, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let mismatch = TlsFiles { key: other, ..good };
    let error = refusal(folder.path(), mismatch).await;
    let names_both = error.contains("/cert.pem with the key") && error.contains("/other.pem for");
    assert!(names_both, "{error}");
}

/// Why a server does not start with such files.
async fn refusal(folder: &Path, files: TlsFiles) -> String {
    let mut config = Config::new(folder.join("data"));
    config.listen = Vec::new();
    config.listen_tls = vec!["127.0.0.1:0".parse().unwrap()];
    config.tls = Some(files);
    Keeper::open(config).await.err().unwrap().to_string()
}
