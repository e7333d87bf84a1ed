//! Commands that are run while a lock is held, on a keeper of our own.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod barrier;
mod commands;
mod death;
mod holder;
mod keeper;
#[path = "../offline/program.rs"]
mod program;
mod pty;
mod signals;
mod terminal;
