//! Controllers on a real server: one of them leads, another goes on where it stood, and rollouts
//! reach hosts that are played by the test.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod host;
mod leadership;
mod publisher;
mod releases;
mod rollouts;
mod world;
