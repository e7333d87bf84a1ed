//! The client against Apache ZooKeeper, with faults: lost connections, dead and frozen servers,
//! partitions.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod ensemble;
mod operations;
mod outcomes;
mod pipeline;
mod sessions;
mod watches;
mod zk;
