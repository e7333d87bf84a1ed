//! What templates may ask of the world, with a keeper, and a fake of what is registered.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod sharing;
mod values;
mod without_zookeeper;
mod world;
