//! gRPC probes: the standard health service, `grpc.health.v1.Health/Check`.
//!
//! Sources: the gRPC health checking protocol (`doc/health-checking.md`) and gRPC over HTTP/2
//! (`doc/PROTOCOL-HTTP2.md`) in the grpc repository. It takes one request on one HTTP/2 stream with
//! messages of a few bytes, so h2 is used directly: hyper would run the connection in a task of its
//! own, which could outlive the probe.

mod message;
mod status;

use bytes::Bytes;
use h2::RecvStream;
use h2::client;
use hyper::header::{CONTENT_TYPE, TE, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};

use self::message::ServingStatus;
use self::status::Status;
use super::drive::drive;
use super::http::AGENT;
use super::limit::Limit;
use super::{tcp, tls};
use crate::check::SERVICE_LENGTH_MAX;
use crate::reason::Reason;
use crate::target::Target;

/// The longest header list of a response in bytes, trailers alike.
const HEADER_LIST_BYTES_MAX: u32 = 16 * 1024;

/// A question to the health service that shall be answered with `SERVING`.
pub(super) struct GrpcProbe<'a> {
    pub(super) service: &'a str,
    pub(super) tls: Option<tls::Client<'a>>,
}

impl GrpcProbe<'_> {
    pub(super) async fn run(&self, target: &Target, limit: Limit) -> Result<(), Reason> {
        let what = format!("gRPC health check of {}", target.authority());
        if self.service.len() > SERVICE_LENGTH_MAX {
            return Err(Reason::new(format!(
                "{what}: the name of the service is too long"
            )));
        }
        let request = self
            .request(target)
            .map_err(|error| Reason::of(&what, &error))?;
        let stream = tcp::connect(target.address, limit).await?;
        let answer = match self.tls {
            Some(tls) => {
                let stream = tls.handshake(stream, target, b"h2", limit).await?;
                exchange(stream, request, &what, limit).await?
            }
            None => exchange(stream, request, &what, limit).await?,
        };
        answer
            .judge(self.service)
            .map_err(|problem| Reason::new(format!("{what}: {problem}")))
    }

    fn request(&self, target: &Target) -> hyper::http::Result<Request<Bytes>> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Request::builder()
            .method(Method::POST)
            .uri(format!(
                "{scheme}://{}/grpc.health.v1.Health/Check",
                target.authority()
            ))
            .header(TE, "trailers")
            .header(CONTENT_TYPE, "application/grpc")
            .header(USER_AGENT, AGENT)
            .body(message::encode(self.service))
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    request: Request<Bytes>,
    what: &str,
    limit: Limit,
) -> Result<Answer, Reason> {
    let handshake = client::Builder::new()
        .enable_push(false)
        .max_header_list_size(HEADER_LIST_BYTES_MAX)
        .handshake(stream);
    let (sender, connection) = limit.step(what, handshake).await?;
    drive(connection, limit.step(what, ask(sender, request))).await
}

async fn ask(
    sender: client::SendRequest<Bytes>,
    request: Request<Bytes>,
) -> Result<Answer, h2::Error> {
    let (head, message) = request.into_parts();
    let mut sender = sender.ready().await?;
    let (response, mut stream) = sender.send_request(Request::from_parts(head, ()), false)?;
    stream.send_data(message, true)?;
    Answer::read(response.await?).await
}

/// What came back.
struct Answer {
    http_status: StatusCode,
    /// The status that the server put into the headers or the trailers, if any.
    status: Option<Status>,
    /// The message, as far as it fits.
    message: Vec<u8>,
}

impl Answer {
    async fn read(response: Response<RecvStream>) -> Result<Self, h2::Error> {
        let (head, mut body) = response.into_parts();
        let mut answer = Self {
            http_status: head.status,
            status: Status::read(&head.headers),
            message: Vec::new(),
        };
        // A body that is none of gRPC's may be endless, and there is nothing more to learn.
        while let Some(data) = body.data().await.transpose()? {
            answer.message.extend_from_slice(&data);
            if answer.message.len() > message::RESPONSE_BYTES_MAX {
                return Ok(answer);
            }
            body.flow_control().release_capacity(data.len())?;
        }
        if let Some(trailers) = body.trailers().await? {
            answer.status = Status::read(&trailers).or(answer.status);
        }
        Ok(answer)
    }

    /// Whether the service serves; the error says what the answer means instead.
    fn judge(&self, service: &str) -> Result<(), String> {
        if self.http_status != StatusCode::OK {
            return Err(format!(
                "HTTP status {}: the server does not speak gRPC",
                self.http_status
            ));
        }
        let Some(status) = &self.status else {
            return Err("the answer has no grpc-status: the server does not speak gRPC".to_owned());
        };
        match status.code {
            status::OK => {}
            status::NOT_FOUND => {
                return Err(format!("the server does not know service {service:?}"));
            }
            status::UNIMPLEMENTED => {
                return Err("the server does not implement grpc.health.v1.Health".to_owned());
            }
            code if status.message.is_empty() => return Err(format!("grpc-status {code}")),
            code => return Err(format!("grpc-status {code}: {}", status.message)),
        }
        match message::decode(&self.message).map_err(|error| error.to_string())? {
            ServingStatus::SERVING => Ok(()),
            other => Err(format!("service {service:?} is {other}")),
        }
    }
}
