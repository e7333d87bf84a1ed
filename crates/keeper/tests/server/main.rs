//! The server on a loopback port of this process, met by plain sockets and by the client.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod crowd;
mod disk;
mod faults;
mod handshake;
mod hostile;
mod log;
mod order;
mod raw;
mod restart;
mod slow;
mod tls;
mod words;
mod world;
