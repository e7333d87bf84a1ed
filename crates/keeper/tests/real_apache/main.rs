//! The keeper beside Apache's server.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

mod curator;
mod differential;
mod kazoo;
mod servers;
