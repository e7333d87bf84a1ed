//! A testbed and what all tests need of it.

use dockeeper_testbed::{Endpoint, Proxy, Testbed, wait};
use dockeeper_zk_client::{Client, Config, Ended, Error, ErrorCode, ErrorKind, State};
use std::{fmt, future::Future, time::Duration};
use tokio::time::timeout;

/// For what takes milliseconds, or a few seconds on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// What most tests ask for: nothing of theirs takes as long, and the servers grant it.
pub(crate) const SESSION: Duration = Duration::from_secs(8);

/// The shortest session that the testbed's servers grant.
pub(crate) const SHORT: Duration = Duration::from_secs(1);

pub(crate) struct Zk {
    pub(crate) testbed: Testbed,
}

impl Zk {
    pub(crate) async fn start(servers: u8) -> Self {
        let builder = Testbed::builder().hosts(0).zookeepers(servers);
        let testbed = builder.start().await.unwrap();
        Self { testbed }
    }

    pub(crate) fn config(&self) -> Config {
        config(&self.testbed.zookeeper().connect_string())
    }

    pub(crate) async fn client(&self) -> Client {
        connect(self.config()).await
    }

    /// A proxy in front of a server, and how a client goes through it.
    pub(crate) async fn proxied(&self, server: usize) -> (Proxy, Config) {
        let target = self.testbed.zookeeper().server(server).address();
        let proxy = self.testbed.proxy(Endpoint::Tcp(target)).await.unwrap();
        let config = config(&proxy.endpoint().to_string());
        (proxy, config)
    }

    pub(crate) async fn stop(self) {
        self.testbed.shutdown().await.unwrap();
    }
}

pub(crate) fn config(servers: &str) -> Config {
    Config {
        session_timeout: SESSION,
        ..Config::new(servers.parse().unwrap())
    }
}

pub(crate) async fn connect(config: Config) -> Client {
    let client = Client::connect(config);
    client.connected(LIMIT).await.unwrap();
    client
}

/// Waits for something that has to come.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(LIMIT, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not within {LIMIT:?}"),
    }
}

pub(crate) async fn until<T, F: Future<Output = Result<T, String>>>(
    what: &str,
    probe: impl FnMut() -> F,
) -> T {
    wait::until(what, LIMIT, probe).await.unwrap()
}

pub(crate) async fn ended(client: &Client) -> Ended {
    let mut state = client.state();
    let over = state.wait_for(|state| matches!(state, State::Ended(_)));
    match &*soon("the session's end", over).await.unwrap() {
        State::Ended(ended) => *ended,
        other => panic!("{other:?}"),
    }
}

/// Waits for a later connection of the session than the given one; its number.
pub(crate) async fn reconnected(client: &Client, last: u64) -> u64 {
    let mut state = client.state();
    let later = |state: &State| match state {
        State::Connected(connected) => connected.connection > last,
        State::Connecting { .. } => false,
        State::Ended(ended) => panic!("{ended}"),
    };
    let found = soon("a new connection", state.wait_for(later)).await;
    match &*found.unwrap() {
        State::Connected(connected) => connected.connection,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn connection(client: &Client) -> u64 {
    match &*client.state().borrow() {
        State::Connected(connected) => connected.connection,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn code<T: fmt::Debug>(result: Result<T, Error>) -> ErrorCode {
    let error = result.unwrap_err();
    match error.kind() {
        ErrorKind::Refused(code) => *code,
        _ => panic!("{error}"),
    }
}
