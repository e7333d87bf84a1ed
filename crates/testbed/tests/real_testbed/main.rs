//! The testbed keeps its promises on real Docker daemons and real `ZooKeeper` servers.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::time::Duration;

mod containers;
mod ensemble;
mod hosts;
mod network;
mod traces;
mod victim;

/// For what takes milliseconds, or a few seconds on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// Long for an answer that comes, short for one that must not come.
const SILENCE: Duration = Duration::from_millis(500);
