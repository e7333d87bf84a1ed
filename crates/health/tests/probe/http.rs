//! HTTP probes.

use dockeeper_health::{Outcome, Probe, Target, probe};
use hyper::Method;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;

use crate::server::{Server, answer_once, read_head, refusing};
use crate::{IMPATIENT, PATIENT, assert_fails, run};

fn get(path: &str) -> Probe {
    request(Method::GET, path)
}

fn request(method: Method, path: &str) -> Probe {
    Probe::Http {
        tls: false,
        method,
        path: path.to_owned(),
        skip_verify: false,
    }
}

async fn answered(answer: impl Into<Vec<u8>>) -> Outcome {
    let server = Server::answering(answer).await;
    run(get("/"), server.address, PATIENT).await
}

#[tokio::test]
async fn the_request_is_plain() {
    let (heads, mut received) = mpsc::unbounded_channel();
    let server = Server::start(move |stream| {
        let heads = heads.clone();
        async move {
            let head = answer_once(stream, b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()).await;
            heads.send(head).expect("the test waits for it");
        }
    })
    .await;
    let probe = request(Method::OPTIONS, "/health?full=1");
    assert_eq!(run(probe, server.address, PATIENT).await, Outcome::Pass);

    let head = received
        .recv()
        .await
        .expect("the server has answered")
        .to_lowercase();
    assert!(
        head.starts_with("options /health?full=1 http/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains(&format!("\r\nhost: {}\r\n", server.address)),
        "{head}"
    );
    assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
    assert!(head.contains("\r\nuser-agent: dockeeper-health/"), "{head}");
}

#[tokio::test]
async fn statuses_from_200_to_399_pass() {
    for status in [200, 204, 299, 302, 399] {
        let answer = format!("HTTP/1.1 {status} X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(answered(answer).await, Outcome::Pass, "{status}");
    }
    for status in [400, 404, 429, 500, 503, 999] {
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 4\r\n\r\nbusy");
        assert_fails(
            &answered(answer).await,
            &["GET http://", &status.to_string(), ": busy"],
        );
    }
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(answered(interim).await, Outcome::Pass);
}

#[tokio::test]
async fn a_head_request_has_no_body_to_wait_for() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").await;
    let probe = request(Method::HEAD, "/");
    assert_eq!(run(probe, server.address, PATIENT).await, Outcome::Pass);
}

#[tokio::test]
async fn garbage_fails() {
    assert_fails(&answered("").await, &["GET http://", "closed"]);
    assert_fails(
        &answered("SSH-2.0-OpenSSH_9.2\r\n").await,
        &["GET http://", "invalid HTTP"],
    );
    assert_fails(
        &answered(b"\x16\x03\x01\0\x02".as_slice()).await,
        &["invalid HTTP"],
    );
    assert_fails(&answered("HTTP/1.1 200 OK\r\nA").await, &["closed"]);
    assert_fails(
        &answered("HTTP/1.1 101 Switching\r\n\r\n").await,
        &["GET http://"],
    );
}

#[tokio::test]
async fn a_bad_path_fails_instead_of_going_out() {
    let (_socket, address) = refusing();
    assert_fails(
        &run(get("/a\r\nb"), address, PATIENT).await,
        &["invalid uri character"],
    );
}

#[tokio::test]
async fn a_refused_connection_fails() {
    let (_socket, address) = refusing();
    assert_fails(
        &run(get("/"), address, PATIENT).await,
        &["connecting to", "refused"],
    );
}

#[tokio::test]
async fn silence_fails_in_time_and_the_connection_is_closed() {
    let (server, mut closed) = Server::silent().await;
    let outcome = run(get("/"), server.address, IMPATIENT).await;
    assert_fails(
        &outcome,
        &["GET http://", "not done within the time limit of 300ms"],
    );
    closed
        .recv()
        .await
        .expect("the server sees the connection closed");
}

#[tokio::test]
async fn a_slow_head_fails_in_time() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        for byte in b"HTTP/1.1 200 OK\r\n".iter().cycle() {
            if stream.write_u8(*byte).await.is_err() {
                break;
            }
            tokio::time::sleep(IMPATIENT / 10).await;
        }
    })
    .await;
    assert_fails(
        &run(get("/"), server.address, IMPATIENT).await,
        &["time limit"],
    );
}

#[tokio::test]
async fn endless_headers_fail() {
    let server = Server::endless(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n").await;
    assert_fails(
        &run(get("/"), server.address, PATIENT).await,
        &["GET http://"],
    );
    let server = Server::endless(b"HTTP/1.1 200 OK\r\nX-More: ", b"and more").await;
    assert_fails(
        &run(get("/"), server.address, PATIENT).await,
        &["GET http://", "too large"],
    );
}

#[tokio::test]
async fn a_huge_body_is_not_read() {
    let server = Server::endless(b"HTTP/1.1 200 OK\r\n\r\n", b"and so on ").await;
    assert_eq!(run(get("/"), server.address, PATIENT).await, Outcome::Pass);
    let server = Server::endless(b"HTTP/1.1 500 No\r\n\r\nand so on ", b"and so on ").await;
    assert_fails(
        &run(get("/"), server.address, PATIENT).await,
        &["500", "and so on"],
    );
}

#[tokio::test]
async fn a_body_that_never_ends_is_not_waited_for() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it";
    let server = Server::start(move |mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(answer.as_bytes()).await;
        read_head(&mut stream).await;
    })
    .await;
    assert_eq!(run(get("/"), server.address, PATIENT).await, Outcome::Pass);
}

#[tokio::test]
async fn an_object_is_posted() {
    let (heads, mut received) = mpsc::unbounded_channel();
    let server = Server::start(move |stream| {
        let heads = heads.clone();
        async move {
            let head = answer_once(stream, b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()).await;
            heads.send(head).expect("the test waits for it");
        }
    })
    .await;
    let target = Target {
        address: server.address,
        name: Some("hooks".to_owned()),
        container: String::new(),
    };
    let posted = probe::request(
        &Method::POST,
        &target,
        "/elected",
        Some("{}".into()),
        PATIENT,
    )
    .await;
    assert_eq!(posted, Ok(()));
    let head = received.recv().await.expect("the server has answered");
    let head = head.to_lowercase();
    assert!(head.starts_with("post /elected http/1.1\r\n"), "{head}");
    for header in ["content-type: application/json", "content-length: 2"] {
        assert!(head.contains(&format!("\r\n{header}\r\n")), "{head}");
    }
    let host = format!("\r\nhost: hooks:{}\r\n", server.address.port());
    assert!(head.contains(&host), "{head}");

    let refusing = Server::answering(*b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno").await;
    let target = Target {
        address: refusing.address,
        ..target
    };
    let error = probe::request(
        &Method::POST,
        &target,
        "/elected",
        Some("{}".into()),
        PATIENT,
    )
    .await;
    assert!(error.unwrap_err().to_string().contains("503"));
}
