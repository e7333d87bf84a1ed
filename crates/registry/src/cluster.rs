//! What is registered, read from anywhere.
//!
//! A [`Snapshot`] holds znodes of one or more [`Scope`]s: read once over a client, or taken from
//! mirrors that follow them. Its views decode what lies there. Dockeeper shares its part of the
//! tree with whoever writes there, so that a znode that cannot be read is left out and
//! [reported](Skipped), never a reason to fail.
//!
//! What is out of service is [marked](marks); the hosts' agents follow the marks.

mod error;
mod find;
pub mod leaders;
pub mod marks;
mod read;
mod scope;
mod snapshot;
mod view;

pub use self::{
    error::Error,
    find::{Candidate, container},
    scope::Scope,
    snapshot::Snapshot,
    view::{ContainerFilter, Listing, Mark, Service, Skipped},
};
