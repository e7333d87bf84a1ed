//! Locks, semaphores and elections against a real server: order, cancellation, lost connections,
//! expired sessions, and what others do to their znodes.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod cancellation;
#[path = "../../../zk-client/tests/real_zookeeper/clients.rs"]
mod clients;
mod elections;
mod ensemble;
mod faults;
mod losses;
mod mutexes;
mod read_write;
mod semaphores;
mod world;
