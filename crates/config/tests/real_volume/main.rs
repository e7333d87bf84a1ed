//! Volumes on real file systems, and what Docker and its containers do with them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod docker;
mod files;
mod helper;
mod hostile;
mod place;
