//! The recipes together with Curator and kazoo: a program of theirs takes part with ours.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod contention;
mod curator;
mod kazoo;
mod peer;
mod together;
