//! A keeper, an engine in memory, and requests of whom the test likes.

use crate::{
    Config, Coordination, Deaths,
    caller::ByFake,
    peer::{Group, Peer, Process},
};
use axum::{
    Router,
    body::{Body, BodyDataStream, to_bytes},
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header::ACCEPT},
    response::Response,
};
use dockeeper_engine::{ContainerId, fake::Fake};
use dockeeper_health::{Monitor, monitor, probe::Tls};
use dockeeper_keeper::server::{self, Keeper};
use dockeeper_registry::host::{EngineExec, Reports};
use dockeeper_zk_client as zk;
use futures_util::StreamExt;
use serde_json::Value;
use std::{future::pending, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{net::TcpListener, time::timeout};
use tower::ServiceExt;

/// For what takes a moment.
pub(super) const LIMIT: Duration = Duration::from_secs(20);

/// The user of the processes in tests.
const UID: u32 = 1000;

const BODY_LEN_MAX: usize = 1 << 20;

pub(super) struct World {
    pub(super) fake: Fake,
    pub(super) coordination: Coordination,
    router: Router,
    _directory: TempDir,
}

/// An answer that is a stream of events.
pub(super) struct Events {
    body: BodyDataStream,
    text: String,
}

// === impl World ===

impl World {
    pub(super) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = server::Config::new(directory.path().join("data"));
        config.listen = vec!["127.0.0.1:0".parse().unwrap()];
        let keeper = Keeper::open(config).await.unwrap();
        let address = keeper.handle().addresses()[0];
        tokio::spawn(keeper.run(pending()));
        let root = zk::Client::connect(zk::Config::new(address.to_string().parse().unwrap()));
        let mode = zk::CreateMode::Persistent;
        root.create_all("/dockeeper", mode).await.unwrap();
        root.close().await;
        let zookeeper = zk::Config::new(format!("{address}/dockeeper").parse().unwrap());
        Self::with(zookeeper, directory)
    }

    /// The server takes connections and says nothing, as a stopped one does.
    pub(super) async fn with_silent_zookeeper() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut zookeeper = zk::Config::new(address.to_string().parse().unwrap());
        zookeeper.request_timeout = 10 * LIMIT;
        tokio::spawn(async move {
            let _listener = listener;
            pending::<()>().await;
        });
        Self::with(zookeeper, tempfile::tempdir().unwrap())
    }

    /// Nobody listens where the server should be.
    pub(super) fn without_zookeeper() -> Self {
        let mut zookeeper = zk::Config::new("127.0.0.1:1".parse().unwrap());
        zookeeper.request_timeout = Duration::from_millis(100);
        Self::with(zookeeper, tempfile::tempdir().unwrap())
    }

    fn with(zookeeper: zk::Config, directory: TempDir) -> Self {
        let config = Config {
            zookeeper,
            node: "h1".parse().unwrap(),
            host: "h1.example".to_owned(),
            now_ms: || 1_700_000_000_000,
        };
        let fake = Fake::new(1);
        let coordination = Coordination::with(config, Arc::new(ByFake(fake.clone())));
        let deaths = Deaths::new(Arc::new(fake.clone()), coordination.holds.clone());
        tokio::spawn(deaths.run());
        let exec = EngineExec(Arc::new(fake.clone()));
        let config = monitor::Config {
            seed: 1,
            tls: Tls::system(),
        };
        let (monitor, checks, _) = Monitor::new(config, exec);
        tokio::spawn(monitor.run());
        Self {
            fake,
            router: super::super::router(Reports::new(checks), coordination.clone()),
            coordination,
            _directory: directory,
        }
    }

    /// A process in a new container that runs.
    pub(super) fn container(&self, name: &str) -> (ContainerId, Peer) {
        let id = self.fake.run(name, |_| {});
        (id, peer(&[id]))
    }

    /// Asks, and takes the answer apart; `null` for none.
    pub(super) async fn ask(&self, peer: &Peer, method: &str, uri: &str) -> (StatusCode, Value) {
        let response = self.request(peer, method, uri, "*/*").await;
        let status = response.status();
        let body = to_bytes(response.into_body(), BODY_LEN_MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// Asks for a stream.
    pub(super) async fn stream(&self, peer: &Peer, uri: &str) -> Events {
        let response = self.request(peer, "POST", uri, "text/event-stream").await;
        assert_eq!(response.status(), StatusCode::OK, "{uri}");
        Events {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    pub(super) async fn request(
        &self,
        peer: &Peer,
        method: &str,
        uri: &str,
        accept: &str,
    ) -> Response {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = Request::builder().method(method).uri(uri);
        let request = request.header(ACCEPT, accept);
        let request = request.extension(ConnectInfo(peer.clone()));
        let request = request.body(Body::empty()).unwrap();
        let answering = self.router.clone().oneshot(request);
        timeout(LIMIT, answering).await.unwrap().unwrap()
    }

    /// How many contend for a lock, once it is so many.
    pub(super) async fn until_contenders(&self, name: &str, expected: usize) {
        let uri = format!("/v1/locks/{name}");
        let looking = async {
            loop {
                let (status, shown) = self.ask(&host(), "GET", &uri).await;
                assert_eq!(status, StatusCode::OK, "{shown}");
                let count = |key: &str| shown[key].as_array().unwrap().len();
                if count("holders") + count("waiting") == expected {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(LIMIT, looking).await.unwrap();
    }
}

/// A process in these containers, from the outermost to the innermost.
pub(super) fn peer(containers: &[ContainerId]) -> Peer {
    let path: String = containers
        .iter()
        .map(|id| format!("/docker/{id}"))
        .collect();
    Peer(Ok(Process {
        pid: 7,
        uid: UID,
        groups: Group::all(&format!("0::{path}/\n")),
    }))
}

/// A process in no container.
pub(super) fn host() -> Peer {
    peer(&[])
}

// === impl Events ===

impl Events {
    /// The next event: its name and its data. `None` at the end.
    pub(super) async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = event.lines();
                    let mut values = lines.filter_map(|line| line.strip_prefix(name));
                    values.next().map(|value| value.trim_start().to_owned())
                };
                let found = field("event:").zip(field("data:"));
                self.text = rest.to_owned();
                if let Some((name, data)) = found {
                    return Some((name, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let bytes = timeout(LIMIT, self.body.next()).await.unwrap()?;
            self.text += str::from_utf8(&bytes.unwrap()).unwrap();
        }
    }

    /// The next event, which has to be this one.
    pub(super) async fn expect(&mut self, expected: &str) -> Value {
        let (name, data) = self.next().await.unwrap();
        assert_eq!(name, expected, "{data}");
        data
    }
}
