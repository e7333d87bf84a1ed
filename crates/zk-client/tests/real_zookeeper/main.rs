//! The client against Apache ZooKeeper, with faults: lost connections, dead and frozen servers,
//! partitions.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod clients;
mod ensemble;
mod later_operations;
mod operations;
mod outcomes;
mod pipeline;
mod read_only;
mod sessions;
mod tls;
mod watches;
mod zk;
