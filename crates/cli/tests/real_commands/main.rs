//! The commands that read and mark what is registered, on a real ZooKeeper server and without
//! agents: the records are written here.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod access;
mod config;
mod copies;
mod doctor;
mod following;
#[path = "../common/holder.rs"]
mod holder;
mod listings;
mod locks;
mod marks;
mod partial;
#[path = "../common/program.rs"]
mod program;
mod refusals;
mod tls;
mod world;
mod zk;
