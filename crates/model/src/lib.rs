//! Dockeeper's types, where they lie in ZooKeeper, and how they are written there.
//!
//! Records are JSON objects with camel-case keys, so that a person can read them with any
//! ZooKeeper client. A reader ignores keys that it does not know; a record that it cannot read is
//! somebody else's and left alone.

pub mod config;
pub mod container;
pub mod election;
pub mod holder;
pub mod instance;
pub mod layout;
pub mod maintenance;
pub mod name;
pub mod node;
mod record;
mod shown;

pub use self::{
    container::ContainerRecord,
    election::ElectionStatus,
    holder::Holder,
    instance::Instance,
    maintenance::Maintenance,
    name::{InstanceId, LockName, NodeName, ServiceName},
    node::NodeRecord,
    record::{Foreign, decode, encode},
    shown::shown,
};
