//! HTTP probes over TLS, with certificates made for the test.

use dockeeper_health::probe::{Prober, Tls};
use dockeeper_health::{Check, Outcome, Probe, Target};
use hyper::Method;
use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::acceptor::acceptor;
use crate::server::{Server, answer_once, refusing};
use crate::{IMPATIENT, NoExec, PATIENT, assert_fails, run_with};

fn get(skip_verify: bool) -> Probe {
    Probe::Http {
        tls: true,
        method: Method::GET,
        path: "/".to_owned(),
        skip_verify,
    }
}

/// A server with a certificate of its own for this name, which is returned.
async fn serve(name: &str) -> (Server, CertificateDer<'static>) {
    let (acceptor, certificate) = acceptor(name, b"http/1.1");
    let server = Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec();
                answer_once(stream, answer).await;
            }
        }
    })
    .await;
    (server, certificate)
}

#[tokio::test]
async fn a_trusted_certificate_passes() {
    let (server, certificate) = serve("127.0.0.1").await;
    let tls = Tls::trusting(&[certificate]).expect("the certificate is an authority's");
    assert_eq!(
        run_with(tls, get(false), server.address, PATIENT).await,
        Outcome::Pass
    );
}

#[tokio::test]
async fn the_name_of_the_target_is_asked_for() {
    let (server, certificate) = serve("web.internal").await;
    let tls = Tls::trusting(&[certificate]).expect("the certificate is an authority's");
    let outcome = run_with(tls.clone(), get(false), server.address, PATIENT).await;
    assert_fails(
        &outcome,
        &["TLS handshake", "certificate", "not valid for", "127.0.0.1"],
    );

    let target = |name: &str| Target {
        address: server.address,
        name: Some(name.to_owned()),
        container: String::new(),
    };
    let prober = Prober::new(tls, NoExec);
    let check = Check {
        timeout: PATIENT,
        ..Check::new(get(false))
    };
    assert_eq!(
        prober.run(&check, &target("web.internal")).await,
        Outcome::Pass
    );
    assert_fails(&prober.run(&check, &target("no name")).await, &["invalid"]);
}

#[tokio::test]
async fn an_unknown_issuer_fails_unless_verification_is_skipped() {
    let (server, _) = serve("127.0.0.1").await;
    let outcome = run_with(Tls::system(), get(false), server.address, PATIENT).await;
    assert_fails(
        &outcome,
        &["TLS handshake", "UnknownIssuer", "check_tls_skip_verify"],
    );
    let outcome = run_with(Tls::system(), get(true), server.address, PATIENT).await;
    assert_eq!(outcome, Outcome::Pass);
}

#[tokio::test]
async fn a_server_without_tls_fails() {
    let server = Server::answering("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let outcome = run_with(Tls::system(), get(true), server.address, IMPATIENT).await;
    assert_fails(&outcome, &["TLS handshake with 127.0.0.1:"]);
    let (_socket, address) = refusing();
    let outcome = run_with(Tls::system(), get(true), address, PATIENT).await;
    assert_fails(&outcome, &["connecting to", "refused"]);
}

#[tokio::test]
async fn silence_fails_in_time() {
    let (server, _closed) = Server::silent().await;
    let outcome = run_with(Tls::system(), get(true), server.address, IMPATIENT).await;
    assert_fails(&outcome, &["TLS handshake", "time limit of 300ms"]);
}
