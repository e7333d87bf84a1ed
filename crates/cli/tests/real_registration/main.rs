//! The main job, on real Docker hosts and a real ZooKeeper ensemble: containers are registered
//! while they run and are well, found from anywhere, and gone when they are not.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod addresses;
mod bad_input;
mod cluster;
mod controllers;
mod docker;
mod elections;
mod ensemble;
mod found;
mod health;
mod history;
mod holding;
mod labels;
mod leaving;
mod maintenance;
mod mended;
mod node;
mod readers;
mod restarts;
mod same_id;
mod sessions;
