//! ZooKeeper over TLS, with a client's certificate.

use crate::program::{self, Ended};
use dockeeper_testbed::{Certificates, Testbed};

/// A variable of the environment.
type Var<'a> = (&'a str, &'a str);

async fn run(address: &str, arguments: &[&str], vars: &[Var<'_>]) -> Ended {
    let mut command = program::dockeeper(arguments);
    command.env("DOCKEEPER_ZK", address);
    for (name, value) in vars {
        command.env(name, value);
    }
    let output = tokio::task::spawn_blocking(move || command.output());
    output.await.unwrap().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_reach_zookeeper_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::write(folder.path()).unwrap();
    let builder = Testbed::builder().hosts(0).zookeepers(1);
    let builder = builder.zookeeper_tls(certificates.server(true));
    let testbed = builder.start().await.unwrap();
    let secure = testbed.zookeeper().secure_connect_string();
    let plain = testbed.zookeeper().connect_string();
    let file = |name: &str| certificates.path(name).to_str().unwrap().to_owned();
    let (ca, cert, key) = (file("ca.pem"), file("client.pem"), file("client-key.pem"));
    let vars = [
        ("DOCKEEPER_ZK_TLS_CA", ca.as_str()),
        ("DOCKEEPER_ZK_TLS_CERT", &cert),
        ("DOCKEEPER_ZK_TLS_KEY", &key),
    ];
    let flags = [
        "--zk-tls-ca",
        &ca,
        "--zk-tls-cert",
        &cert,
        "--zk-tls-key",
        &key,
    ];
    served(&plain, &secure, &vars, &flags).await;
    refused(&secure, &vars, &file("other-ca.pem")).await;
    testbed.shutdown().await.unwrap();
}

async fn served(plain: &str, secure: &str, vars: &[Var<'_>], flags: &[&str]) {
    let created = run(secure, &["zk", "create", "/a", "x"], vars).await;
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    let got = run(secure, &[&["zk", "get", "/a"], flags].concat(), &[]).await;
    assert_eq!(
        (got.code, got.stdout.as_str()),
        (Some(0), "x"),
        "{}",
        got.stderr
    );
    let off = run(plain, &["zk", "get", "/a", "--zk-tls=false"], vars).await;
    assert_eq!(off.stdout, "x", "{}", off.stderr);
    let doctor = run(secure, &["doctor", "--no-docker"], vars).await;
    assert_eq!(doctor.code, Some(0), "{}{}", doctor.stdout, doctor.stderr);

    // One end with TLS, the other without.
    let to = format!("{secure}/to");
    let ends = [
        "migrate",
        "--from",
        plain,
        "--to",
        &to,
        "--path",
        "/a",
        "--from-tls=false",
    ];
    let copied = run(secure, &ends, vars).await;
    assert_eq!(copied.code, Some(0), "{}", copied.stderr);
    let got = run(plain, &["zk", "get", "/to/a"], &[]).await;
    assert_eq!(got.stdout, "x", "{}", got.stderr);
}

async fn refused(secure: &str, vars: &[Var<'_>], other_ca: &str) {
    for (vars, why) in [
        (&vars[..1], "client certificate"),
        (
            &[("DOCKEEPER_ZK_TLS", "true")][..],
            "none of the trusted certificates",
        ),
        (&[("DOCKEEPER_ZK_TLS_CA", other_ca)], "none of the trusted"),
        (&[], "a port for TLS?"),
    ] {
        let ended = run(secure, &["zk", "ls", "--timeout", "3s"], vars).await;
        assert_eq!(ended.code, Some(4), "{vars:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(why), "{vars:?}: {}", ended.stderr);
    }
}
