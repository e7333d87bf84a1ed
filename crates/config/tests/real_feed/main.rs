//! What a host knows of releases in a real ZooKeeper, with it and without.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod away;
mod changes;
#[expect(dead_code, reason = "the store's own tests need more")]
#[path = "../common/scenarios.rs"]
mod scenarios;
mod world;
