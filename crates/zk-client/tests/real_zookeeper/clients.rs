//! Clients of the testbed's servers.

use dockeeper_testbed::wait::soon;
use dockeeper_zk_client::{Client, Config, Ended, State};
use std::time::Duration;

/// For what takes milliseconds, or a few seconds on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// What most tests ask for: nothing of theirs takes as long, and the servers grant it.
pub(crate) const SESSION: Duration = Duration::from_secs(8);

/// The shortest session that the testbed's servers grant.
pub(crate) const SHORT: Duration = Duration::from_secs(1);

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

/// Waits until a client's session is over, and why it is.
pub(crate) async fn ended(client: &Client) -> Ended {
    let mut state = client.state();
    let over = state.wait_for(|state| matches!(state, State::Ended(_)));
    match &*soon("the session's end", over).await.unwrap() {
        State::Ended(ended) => *ended,
        other => panic!("{other:?}"),
    }
}
