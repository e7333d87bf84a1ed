//! A testbed and what all tests need of it.

use crate::clients::{LIMIT, config, connect};
use dockeeper_testbed::{
    Endpoint, Proxy, Testbed,
    wait::{self, soon},
};
use dockeeper_zk_client::{Client, Config, Error, ErrorCode, ErrorKind, State};
use std::fmt;

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

pub(crate) async fn until<T, F: Future<Output = Result<T, String>>>(
    what: &str,
    probe: impl FnMut() -> F,
) -> T {
    wait::until(what, LIMIT, probe).await.unwrap()
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
