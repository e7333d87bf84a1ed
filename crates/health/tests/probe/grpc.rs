//! gRPC probes against a server made of h2, and against servers that are none.

use bytes::Bytes;
use dockeeper_health::probe::Tls;
use dockeeper_health::{Outcome, Probe};
use h2::server::SendResponse;
use hyper::{HeaderMap, Request, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::acceptor::acceptor;
use crate::server::{Server, refusing};
use crate::{IMPATIENT, PATIENT, assert_fails, run, run_with};

fn probe(service: &str) -> Probe {
    Probe::Grpc {
        service: service.to_owned(),
        tls: false,
        skip_verify: false,
    }
}

/// How the server answers.
#[derive(Clone, Copy)]
enum Answer {
    /// A message, then the status in the trailers.
    Message(&'static [u8], &'static str),
    /// Only the status, in the headers.
    Status(&'static str),
    /// A message without any status.
    NoStatus,
    /// Another HTTP status.
    Http(StatusCode),
    /// Headers, then an endless body.
    Endless,
    /// Nothing at all.
    Silence,
}

const SERVING: &[u8] = b"\0\0\0\0\x02\x08\x01";
const NOT_SERVING: &[u8] = b"\0\0\0\0\x02\x08\x02";

async fn serve(answer: Answer) -> Server {
    Server::start(move |stream| async move {
        // An error is the client's leaving.
        let _ = serve_connection(stream, answer).await;
    })
    .await
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: Answer,
) -> Result<(), h2::Error> {
    let mut connection = h2::server::handshake(stream).await?;
    while let Some(accepted) = connection.accept().await {
        let (request, respond) = accepted?;
        tokio::spawn(async move {
            let _ = reply(request, respond, answer).await;
        });
    }
    Ok(())
}

async fn reply(
    mut request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    answer: Answer,
) -> Result<(), h2::Error> {
    assert_eq!(request.uri().path(), "/grpc.health.v1.Health/Check");
    assert_eq!(request.headers()["content-type"], "application/grpc");
    assert_eq!(request.headers()["te"], "trailers");
    let question = request
        .body_mut()
        .data()
        .await
        .transpose()?
        .expect("there is a message");
    assert!(question == b"\0\0\0\0\0"[..] || question == b"\0\0\0\0\x05\x0a\x03a.B"[..]);

    let head = |status| {
        let head = Response::builder()
            .status(status)
            .header("content-type", "application/grpc");
        head.body(()).expect("a good head")
    };
    let mut trailers = HeaderMap::new();
    match answer {
        Answer::Message(message, status) => {
            let mut body = respond.send_response(head(StatusCode::OK), false)?;
            // In two parts, as the frames of HTTP/2 need not be those of gRPC.
            body.send_data(Bytes::from_static(&message[..3]), false)?;
            body.send_data(Bytes::from_static(&message[3..]), false)?;
            trailers.insert("grpc-status", status.parse().expect("a good value"));
            body.send_trailers(trailers)
        }
        Answer::Status(status) => {
            let mut head = head(StatusCode::OK);
            head.headers_mut()
                .insert("grpc-status", status.parse().expect("a good value"));
            head.headers_mut()
                .insert("grpc-message", "told so".parse().expect("a good value"));
            respond.send_response(head, true).map(drop)
        }
        Answer::NoStatus => {
            let mut body = respond.send_response(head(StatusCode::OK), false)?;
            body.send_data(Bytes::from_static(SERVING), true)
        }
        Answer::Http(status) => respond.send_response(head(status), true).map(drop),
        Answer::Endless => {
            let mut body = respond.send_response(head(StatusCode::OK), false)?;
            loop {
                body.reserve_capacity(1024);
                match std::future::poll_fn(|context| body.poll_capacity(context)).await {
                    Some(capacity) => body.send_data(vec![0; capacity?].into(), false)?,
                    None => return Ok(()),
                }
            }
        }
        Answer::Silence => std::future::pending().await,
    }
}

async fn answered(service: &str, answer: Answer) -> Outcome {
    let server = serve(answer).await;
    run(probe(service), server.address, PATIENT).await
}

#[tokio::test]
async fn a_serving_service_passes() {
    assert_eq!(
        answered("", Answer::Message(SERVING, "0")).await,
        Outcome::Pass
    );
    assert_eq!(
        answered("a.B", Answer::Message(SERVING, "0")).await,
        Outcome::Pass
    );
}

#[tokio::test]
async fn a_service_behind_tls_passes() {
    let (acceptor, certificate) = acceptor("127.0.0.1", b"h2");
    let server = Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                let _ = serve_connection(stream, Answer::Message(SERVING, "0")).await;
            }
        }
    })
    .await;
    let tls = Tls::trusting(&[certificate]).expect("the certificate is an authority's");
    for (tls, skip_verify) in [(tls, false), (Tls::system(), true)] {
        let probe = Probe::Grpc {
            service: String::new(),
            tls: true,
            skip_verify,
        };
        assert_eq!(
            run_with(tls, probe, server.address, PATIENT).await,
            Outcome::Pass
        );
    }
}

#[tokio::test]
async fn any_other_status_fails() {
    let outcome = answered("a.B", Answer::Message(NOT_SERVING, "0")).await;
    assert_fails(
        &outcome,
        &["gRPC health check of 127.0.0.1:", "\"a.B\" is NOT_SERVING"],
    );
    assert_fails(
        &answered("a.B", Answer::Message(SERVING, "13")).await,
        &["grpc-status 13"],
    );
    let outcome = answered("a.B", Answer::Status("5")).await;
    assert_fails(&outcome, &["the server does not know service \"a.B\""]);
    assert_fails(
        &answered("", Answer::Status("12")).await,
        &["does not implement grpc.health.v1"],
    );
    assert_fails(
        &answered("", Answer::Status("14")).await,
        &["grpc-status 14: told so"],
    );
    assert_fails(
        &answered("", Answer::Status("0")).await,
        &["ends too early"],
    );
    assert_fails(&answered("", Answer::NoStatus).await, &["no grpc-status"]);
    assert_fails(
        &answered("", Answer::Http(StatusCode::NOT_FOUND)).await,
        &["404", "gRPC"],
    );
}

#[tokio::test]
async fn an_endless_answer_fails() {
    assert_fails(&answered("", Answer::Endless).await, &["gRPC health check"]);
}

#[tokio::test]
async fn silence_fails_in_time_and_closes_the_connection() {
    let (server, mut closed) = Server::silent().await;
    let outcome = run(probe(""), server.address, IMPATIENT).await;
    assert_fails(&outcome, &["gRPC health check", "time limit of 300ms"]);
    closed
        .recv()
        .await
        .expect("the server sees the connection closed");

    let server = serve(Answer::Silence).await;
    let outcome = run(probe(""), server.address, IMPATIENT).await;
    assert_fails(&outcome, &["gRPC health check", "time limit of 300ms"]);
}

#[tokio::test]
async fn a_server_of_something_else_fails() {
    let server = Server::answering("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    assert_fails(
        &run(probe(""), server.address, PATIENT).await,
        &["gRPC health check"],
    );
    let (_socket, address) = refusing();
    assert_fails(
        &run(probe(""), address, PATIENT).await,
        &["connecting to", "refused"],
    );
    let long = "x".repeat(1_000_000);
    assert_fails(&run(probe(&long), address, PATIENT).await, &["too long"]);
}
