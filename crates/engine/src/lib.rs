//! The Docker Engine as the rest of Dockeeper sees it.
//!
//! [`Engine`] is the port: what a host's engine can be asked. [`Docker`] is its adapter over the
//! Engine API, on a Unix socket or over TCP, and `fake::Fake` (feature `fake`) an engine in memory
//! for tests. The types that cross the port are this crate's own and plain, so that nothing above
//! depends on the client library or on a version of the API.
//!
//! [`watch()`] turns an engine's event stream, which ends whenever the engine restarts, into one
//! that does not end and says when the reader has to look for itself.

pub mod container;
pub mod docker;
mod engine;
mod error;
mod event;
#[cfg(any(test, feature = "fake"))]
pub mod fake;
pub mod watch;

pub use container::{Container, ContainerId};
pub use docker::Docker;
pub use engine::{Engine, Exec, Info, Scope, Since, Version};
pub use error::Error;
pub use event::{Action, Event};
pub use watch::watch;
