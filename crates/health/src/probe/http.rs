//! HTTP/1.1 probes.
//!
//! Statuses from 200 to 399 pass, as for Kubernetes' probes: a redirection shows that the service
//! answers. It is not followed, since it may lead to another host, whose health is not in question.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::http::request::Builder;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};

use super::drive::drive;
use super::limit::Limit;
use super::{tcp, tls};
use crate::reason::Reason;
use crate::target::Target;

/// What servers write into their logs.
pub(super) const AGENT: &str = concat!("dockeeper-health/", env!("CARGO_PKG_VERSION"));

/// The longest head of a response in bytes; servers limit those of requests to about the same.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// The most header fields of a response.
const HEADERS_MAX: usize = 100;
/// How much of a body is read, so that a server with a short answer sees it taken, not cut off.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// How much of a body is kept for the reason of a failure.
const BODY_BYTES_KEPT: usize = 200;
/// How long a body is read: the status has decided, and an endless stream must not occupy a slot.
const BODY_TIME_MAX: Duration = Duration::from_millis(200);

/// A request that shall be answered with a good status.
pub(super) struct HttpProbe<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) tls: Option<tls::Client<'a>>,
}

impl HttpProbe<'_> {
    pub(super) async fn run(&self, target: &Target, limit: Limit) -> Result<(), Reason> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let Self { method, path, .. } = self;
        let what = format!("{method} {scheme}://{}{path}", target.authority());
        let request = self
            .request(target)
            .map_err(|error| Reason::of(&what, &error))?;

        let stream = tcp::connect(target.address, limit).await?;
        match self.tls {
            Some(tls) => {
                let stream = tls.handshake(stream, target, b"http/1.1", limit).await?;
                exchange(stream, request, &what, limit).await
            }
            None => exchange(stream, request, &what, limit).await,
        }
    }

    fn request(&self, target: &Target) -> hyper::http::Result<Request<Full<Bytes>>> {
        builder(self.method, self.path, target).body(Full::default())
    }
}

/// Sends a request, with a JSON object where there is one, and takes the same statuses for good as a
/// probe does.
pub async fn request(
    method: &Method,
    target: &Target,
    path: &str,
    json: Option<Bytes>,
    timeout: Duration,
) -> Result<(), Reason> {
    let limit = Limit::start(timeout);
    let what = format!("{method} http://{}{path}", target.authority());
    let builder = builder(method, path, target);
    let request = match json {
        Some(json) => builder
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(json)),
        None => builder.body(Full::default()),
    };
    let request = request.map_err(|error| Reason::of(&what, &error))?;
    let stream = tcp::connect(target.address, limit).await?;
    exchange(stream, request, &what, limit).await
}

fn builder(method: &Method, path: &str, target: &Target) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, target.authority())
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    request: Request<Full<Bytes>>,
    what: &str,
    limit: Limit,
) -> Result<(), Reason> {
    let handshake = http1::Builder::new()
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .handshake(TokioIo::new(stream));
    let (mut sender, connection) = limit.step(what, handshake).await?;
    drive(connection, async {
        judge(limit.step(what, sender.send_request(request)).await?, what).await
    })
    .await
}

async fn judge(response: Response<Incoming>, what: &str) -> Result<(), Reason> {
    let status = response.status();
    let start = read_start(response.into_body()).await;
    if (200..400).contains(&status.as_u16()) {
        return Ok(());
    }
    let separator = if start.is_empty() { "" } else { ": " };
    Err(Reason::new(format!(
        "{what}: status {status}{separator}{start}"
    )))
}

/// Reads a body within its bounds and returns how it begins. What goes wrong no longer matters.
async fn read_start(mut body: Incoming) -> String {
    let deadline = Instant::now() + BODY_TIME_MAX;
    let mut start = Vec::new();
    let mut length = 0;
    while length < BODY_BYTES_MAX {
        let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await else {
            break;
        };
        if let Some(data) = frame.data_ref() {
            length += data.len();
            let wanted = BODY_BYTES_KEPT - start.len();
            start.extend_from_slice(&data[..wanted.min(data.len())]);
        }
    }
    String::from_utf8_lossy(&start).into_owned()
}
