use std::io;
use std::sync::Arc;
use std::time::Duration;

use bollard::BollardRequest;
use bollard::errors::Error as ClientError;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue, UPGRADE};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::endpoint::Endpoint;
use super::{Config, tls};
use crate::Error;

/// The largest answer that is read, in bytes. The list of a thousand containers has two million;
/// something that sends more without end is not an engine.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A TCP connection without traffic is probed after this long, and given up when all probes fail:
/// an event stream from a dead host, or through a forgetful firewall, ends after two minutes.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_PROBES: u32 = 4;

/// What opens connections to one engine.
pub(super) struct Transport {
    endpoint: Endpoint,
    tls: Option<TlsConnector>,
    authority: HeaderValue,
}

/// A connection, whatever it is made of.
trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// A client of the engine behind `transport`. When the engine answers with success, `accepted` is
/// told before the answer's body is read.
pub(super) fn client(transport: &Arc<Transport>, accepted: Option<Arc<Notify>>) -> bollard::Docker {
    let transport = Arc::clone(transport);
    let send = move |request: BollardRequest| {
        let (transport, accepted) = (Arc::clone(&transport), accepted.clone());
        async move {
            let response = transport.send(request).await?;
            if let Some(accepted) = accepted.filter(|_| response.status().is_success()) {
                accepted.notify_one();
            }
            Ok(response)
        }
    };
    // The address only completes the library's URL, of which `send` takes the path; and its own
    // time limit, in whole seconds, is set aside for the one around each request.
    bollard::Docker::connect_with_custom_transport(
        send,
        Some("http://docker"),
        u64::from(u32::MAX),
        bollard::API_DEFAULT_VERSION,
    )
    .expect("making a client with a given transport does nothing that can fail")
}

impl Transport {
    /// What reaches the engine of these settings. Connects to nothing yet.
    pub(super) fn new(config: &Config) -> Result<Self, Error> {
        let endpoint = Endpoint::of(config)?;
        let tls = match (&endpoint, &config.tls) {
            (Endpoint::Tcp { tls: true, .. }, Some(files)) => Some(tls::connector(files)?),
            _ => None,
        };
        let authority = HeaderValue::try_from(endpoint.authority()).map_err(|_| Error::Config {
            setting: config.host_setting,
            value: endpoint.to_string(),
            reason: "a host name has no such characters".to_owned(),
        })?;
        Ok(Self {
            endpoint,
            tls,
            authority,
        })
    }

    /// Where the engine is.
    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a request over a connection of its own, which ends with the answer.
    async fn send<B>(&self, mut request: Request<B>) -> Result<Response<Incoming>, ClientError>
    where
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        let endless = path.starts_with("/events") || request.headers().contains_key(UPGRADE);
        *request.uri_mut() = path.parse::<Uri>()?;
        request.headers_mut().insert(HOST, self.authority.clone());

        let (reader, writer) = tokio::io::split(self.connect().await?);
        let reader = reader.take(if endless { u64::MAX } else { ANSWER_BYTES_MAX });
        let stream = TokioIo::new(tokio::io::join(reader, writer));
        let (mut sender, connection) = http1::handshake(stream).await?;
        // It ends when the answer has been read or dropped; its failure is the answer's.
        tokio::spawn(connection.with_upgrades());
        Ok(sender.send_request(request).await?)
    }

    async fn connect(&self) -> io::Result<Box<dyn Connection>> {
        let (host, port) = match &self.endpoint {
            Endpoint::Unix(path) => return Ok(Box::new(UnixStream::connect(path).await?)),
            Endpoint::Tcp { host, port, .. } => (host.as_str(), *port),
        };
        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;
        let keepalive = TcpKeepalive::new()
            .with_time(KEEPALIVE_IDLE)
            .with_interval(KEEPALIVE_INTERVAL)
            .with_retries(KEEPALIVE_PROBES);
        SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
        let Some(tls) = &self.tls else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(Box::new(tls.connect(name, stream).await?))
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Transport").field(&self.endpoint).finish()
    }
}
