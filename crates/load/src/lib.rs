//! Drives a ZooKeeper-protocol server to its limit, for benchmarks.
//!
//! Requests are encoded once and written blindly, replies are taken apart just enough to be
//! counted: what is measured is the server, or the limit that a client can come near to.
//!
//! Everything blocks and panics on what a benchmark cannot go on from.

mod connection;
pub mod process;
mod replies;
mod request;

pub use self::{connection::Connection, request::Request};
