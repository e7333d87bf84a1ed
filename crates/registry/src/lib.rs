//! Registration of containers and their services, and how they are found.
//!
//! The [`host`] side runs in each agent and keeps what ZooKeeper says equal to what Docker runs.
//! The [`cluster`] side reads it from anywhere.

pub mod cluster;
pub mod host;
pub mod trouble;
