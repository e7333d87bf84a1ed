//! What a person is told when TLS and a port do not come together.

use crate::{run, served::Served};
use dockeeper_testbed::{Certificates, SERVER_NAME};

#[test]
fn the_option_that_helps_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::write(folder.path()).unwrap();
    let file = |name: &str| certificates.path(name).to_str().unwrap().to_owned();
    let (ca, server) = (file("ca.pem"), file("server.pem"));
    let (cert, key) = (file("client.pem"), file("client-key.pem"));
    let served = Served::start(&[
        "--listen-tls=127.0.0.2:0",
        &format!("--tls-cert={server}"),
        &format!("--tls-key={server}"),
        &format!("--tls-client-ca={ca}"),
    ]);
    let (plain, secure) = (served.address("listen"), served.address("listen_tls"));
    let name = ["--zk-tls-server-name", SERVER_NAME];
    let identity = ["--zk-tls-cert", &cert, "--zk-tls-key", &key];
    let other = file("other-ca.pem");
    for (address, options, option) in [
        (&secure, &[][..], "speak TLS with it: --zk-tls"),
        (&plain, &["--zk-tls-ca", &ca], "or add --zk-tls=false"),
        (
            &secure,
            &["--zk-tls-ca", &other, name[0], name[1]],
            "name who vouches for the server: --zk-tls-ca",
        ),
        (
            &secure,
            &["--zk-tls-ca", &ca, "--zk-tls-server-name", "elsewhere"],
            "--zk-tls-server-name NAME",
        ),
        (
            &secure,
            &["--zk-tls-ca", &ca, name[0], name[1]],
            "--zk-tls-cert FILE with --zk-tls-key FILE",
        ),
    ] {
        for command in [&["zk", "ls", "/"][..], &["doctor", "--no-docker"]] {
            let arguments = [command, &["--zk", address, "--timeout", "2s"], options].concat();
            let ended = run(&arguments);
            assert_eq!(ended.code, Some(4), "{arguments:?}: {}", ended.stderr);
            let shown = ended.stdout + &ended.stderr;
            assert!(shown.contains(option), "{arguments:?}: {shown}");
        }
    }
    let line = served.line_with("does not speak TLS");
    assert!(
        line.contains("a connection is closed without TLS"),
        "{line}"
    );
    let good = [
        &["zk", "ls", "/", "--zk", &secure, "--zk-tls-ca", &ca][..],
        &name,
        &identity,
    ];
    let ended = run(&good.concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}
