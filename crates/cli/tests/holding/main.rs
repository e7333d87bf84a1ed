//! Commands that are run while a lock is held, on a keeper of our own.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod barrier;
mod commands;
mod death;
#[path = "../common/holder.rs"]
mod holder;
mod keeper;
mod looking;
#[path = "../common/program.rs"]
mod program;
mod pty;
#[path = "../common/served.rs"]
mod served;
mod signals;
mod terminal;
mod waiting;
