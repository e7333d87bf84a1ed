//! What templates may ask of the world, with a real ZooKeeper.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod leaders;
mod secrets;
mod services;
mod world;
