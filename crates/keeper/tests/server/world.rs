//! A server with a directory of its own.

use crate::raw::Raw;
use dockeeper_keeper::server::{Config, Error, Handle, Keeper};
use dockeeper_zk_client::Client;
use std::{net::SocketAddr, time::Duration};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

/// More than anything here takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) config: Config,
    running: Option<Running>,
    _directory: TempDir,
}

struct Running {
    handle: Handle,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), Error>>,
}

impl World {
    /// A server with the defaults, but for a shorter tick and all words.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config::new(directory.path().join("data"));
        config.listen = vec!["127.0.0.1:0".parse().unwrap()];
        config.words = "*".parse().unwrap();
        config.rules.tick = Duration::from_millis(100);
        config.rules.session_timeout_min_ms = 200;
        config.rules.session_timeout_max_ms = 20_000;
        change(&mut config);
        let mut world = Self {
            config,
            running: None,
            _directory: directory,
        };
        world.launch().await;
        world
    }

    /// Starts the server on the data that is there.
    pub(crate) async fn launch(&mut self) {
        let keeper = Keeper::open(self.config.clone()).await.unwrap();
        let handle = keeper.handle();
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(keeper.run(async {
            let _ = stopped.await;
        }));
        self.running = Some(Running {
            handle,
            stop,
            ended,
        });
    }

    /// Ends the server as a signal does.
    pub(crate) async fn stop(&mut self) {
        let running = self.running.take().unwrap();
        running.stop.send(()).unwrap();
        let ended = timeout(LIMIT, running.ended).await;
        ended.unwrap().unwrap().unwrap();
    }

    /// Waits until the server ends by itself.
    pub(crate) async fn ended(&mut self) -> Result<(), Error> {
        let running = self.running.take().unwrap();
        let ended = timeout(LIMIT, running.ended).await;
        ended.unwrap().unwrap()
    }

    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.launch().await;
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().handle.addresses()[0]
    }

    pub(crate) fn tls_address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().handle.tls_addresses()[0]
    }

    /// A connection that has said nothing.
    pub(crate) async fn raw(&self) -> Raw {
        Raw::connect(self.address()).await
    }

    /// A connection with a new session.
    pub(crate) async fn session(&self) -> Raw {
        let mut raw = self.raw().await;
        raw.begin(10_000).await;
        raw
    }

    pub(crate) async fn client(&self) -> Client {
        let config = dockeeper_zk_client::Config::new(self.address().to_string().parse().unwrap());
        let client = Client::connect(config);
        client.connected(LIMIT).await.unwrap();
        client
    }

    /// What a four-letter word is answered.
    pub(crate) async fn ask(&self, word: &str) -> String {
        let mut raw = self.raw().await;
        raw.write(word.as_bytes()).await;
        String::from_utf8(raw.rest().await).unwrap()
    }
}
