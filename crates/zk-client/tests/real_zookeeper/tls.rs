//! TLS, with and without a client's certificate.

use crate::{
    clients::{LIMIT, config, connect},
    zk::Zk,
};
use dockeeper_testbed::{
    Certificates, SERVER_NAME, Testbed, wait::soon, zookeeper::Tls as ServerTls,
};
use dockeeper_zk_client::{
    Client, Config, CreateMode, State,
    state::ConnectError,
    transport::{
        Tls,
        tls::{Identity, Options},
    },
};
use std::{fs, sync::Arc};

async fn start(tls: ServerTls) -> Zk {
    let builder = Testbed::builder().hosts(0).zookeepers(1).zookeeper_tls(tls);
    Zk {
        testbed: builder.start().await.unwrap(),
    }
}

fn trusting(certificates: &Certificates, ca: &str) -> Options {
    Options {
        ca: Some(certificates.path(ca)),
        ..Options::default()
    }
}

fn identified(certificates: &Certificates, client: &str) -> Options {
    Options {
        identity: Some(Identity {
            cert: certificates.path(&format!("{client}.pem")),
            key: certificates.path(&format!("{client}-key.pem")),
        }),
        ..trusting(certificates, "ca.pem")
    }
}

fn secured(zk: &Zk, options: Options) -> Config {
    Config {
        connect: Arc::new(Tls::new(options).unwrap()),
        ..config(&zk.testbed.zookeeper().secure_connect_string())
    }
}

/// Why the first attempt did not work.
async fn refusal(config: Config) -> String {
    let client = Client::connect(config);
    let mut state = client.state();
    let failed = |state: &State| match state {
        State::Connecting { attempts } => attempts.iter().any(|a| a.error != ConnectError::Pending),
        State::Connected(_) | State::Ended(_) => true,
    };
    match &*soon("an attempt", state.wait_for(failed)).await.unwrap() {
        State::Connecting { attempts } => attempts[0].error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_has_to_prove_who_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::write(folder.path()).unwrap();
    let zk = start(certificates.server(false)).await;
    let trusted = trusting(&certificates, "ca.pem");

    let client = connect(secured(&zk, trusted.clone())).await;
    let mode = CreateMode::Persistent;
    client
        .create("/secret", vec![7; 500_000], mode)
        .await
        .unwrap();
    assert_eq!(client.get("/secret").await.unwrap().0.len(), 500_000);
    client.close().await;

    let why = refusal(secured(&zk, trusting(&certificates, "other-ca.pem"))).await;
    assert!(why.contains("none of the trusted certificates"), "{why}");
    let named = |name: &str| Options {
        server_name: Some(name.to_owned()),
        ..trusted.clone()
    };
    let why = refusal(secured(&zk, named("zk9.test"))).await;
    assert!(why.contains("which name it must have"), "{why}");
    connect(secured(&zk, named(SERVER_NAME)))
        .await
        .close()
        .await;

    // Each on the other's port.
    let plain = Config {
        servers: zk.config().servers,
        ..secured(&zk, trusted)
    };
    let why = refusal(plain).await;
    assert!(why.contains("a port for TLS"), "{why}");
    let secure_port = zk.testbed.zookeeper().secure_connect_string();
    let why = refusal(config(&secure_port)).await;
    assert!(why.contains("TLS"), "{why}");
    zk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_has_to_prove_who_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::write(folder.path()).unwrap();
    let zk = start(certificates.server(true)).await;
    let own = secured(&zk, identified(&certificates, "client"));
    let client = connect(own.clone()).await;
    let ids = client.who_am_i().await.unwrap();
    assert!(ids.iter().any(|id| id.scheme == "x509"), "{ids:?}");

    for options in [
        trusting(&certificates, "ca.pem"),
        identified(&certificates, "other-client"),
    ] {
        let why = refusal(secured(&zk, options)).await;
        assert!(why.contains("client certificate"), "{why}");
    }

    // A file that is being replaced is no reason to lose the servers; a renewed one counts.
    let key = certificates.path("client-key.pem");
    let before = fs::read(&key).unwrap();
    fs::write(&key, "half").unwrap();
    let other = Client::connect(own.clone());
    other.connected(LIMIT).await.unwrap();
    other.close().await;
    for part in ["", "-key"] {
        let path = |name: &str| certificates.path(&format!("{name}{part}.pem"));
        fs::copy(path("other-client"), path("client")).unwrap();
    }
    let why = refusal(own).await;
    assert!(why.contains("client certificate"), "{why}");
    fs::write(&key, before).unwrap();
    client.close().await;
    zk.stop().await;
}
