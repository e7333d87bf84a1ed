//! Configuration on a real Docker host and a real ZooKeeper: what is published reaches containers,
//! and what is said of them is true.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod delivery;
mod faults;
mod latency;
mod templates;
mod world;
