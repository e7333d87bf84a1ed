//! The plugin's socket.

use super::{Volumes, call};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    net::{UnixListener, UnixStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};

/// How many connections may be open. Docker keeps two when it is idle, and opens one for each
/// container that it starts at the same time.
const CONNECTIONS_MAX: usize = 256;

/// How long a request may be: a name, an identifier, and some options.
const BODY_LEN_MAX: usize = 64 << 10;

/// How long a request may take to arrive: Docker is on this host.
const BODY_LIMIT: Duration = Duration::from_secs(10);

/// Before another try, when the system has no more files for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The protocol's own, in the version that Docker asks for.
const CONTENT: HeaderValue = HeaderValue::from_static("application/vnd.docker.plugins.v1.2+json");

/// Serves Docker until it is dropped. The socket should be root's alone: whoever reaches it can have
/// any volume mounted.
pub async fn serve<V: Volumes>(listener: UnixListener, volumes: Arc<V>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    // They end with this future.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let permit = Arc::clone(&room).acquire_owned().await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let volumes = Arc::clone(&volumes);
                connections.spawn(async move {
                    connection(stream, volumes).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection of Docker's");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection<V: Volumes>(stream: UnixStream, volumes: Arc<V>) {
    let service = service_fn(|request| respond(volumes.as_ref(), request));
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "lost a connection of Docker's");
    }
}

async fn respond<V: Volumes>(
    volumes: &V,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = match timeout(BODY_LIMIT, Limited::new(body, BODY_LEN_MAX).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) => return Ok(refused(StatusCode::BAD_REQUEST, &error.to_string())),
        Err(_) => {
            let error = format!("the request did not arrive within {BODY_LIMIT:?}");
            return Ok(refused(StatusCode::REQUEST_TIMEOUT, &error));
        }
    };
    let path = head.uri.path();
    Ok(match call::answer(volumes, path, &body).await {
        Some(answer) => response(StatusCode::OK, answer.to_string()),
        None => refused(
            StatusCode::NOT_FOUND,
            &format!("{path} is not of this protocol"),
        ),
    })
}

fn refused(status: StatusCode, why: &str) -> Response<Full<Bytes>> {
    response(status, serde_json::json!({ "Err": why }).to_string())
}

fn response(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, CONTENT);
    response
}
