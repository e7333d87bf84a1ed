//! The program where there is neither ZooKeeper nor Docker.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod agent;
mod config;
mod dev;
mod environment;
mod help;
mod interruption;
mod keeper;
mod keeper_log;
mod lost;
#[path = "../common/program.rs"]
mod program;
#[path = "../common/served.rs"]
mod served;
mod servers;
mod tls;
mod usage;
mod zk;

use program::{Ended, dockeeper};

/// Runs the program to its end.
fn run(arguments: &[&str]) -> Ended {
    dockeeper(arguments).output().unwrap().into()
}
