//! Secrets: values that only hosts can read.
//!
//! Each agent has an [`Identity`] in its state directory and publishes the [`Recipient`] that
//! belongs to it. Whoever sets a secret encrypts it for all recipients, with age, and needs no
//! identity for it. When a host is added or removed, any other one encrypts the secrets anew.
//!
//! Encryption keeps secrets from whoever reads ZooKeeper, its snapshots or its wire. It does not
//! keep out who may write there: who can add a recipient is given the secrets with the next
//! encryption. Access control lists do that.

mod error;
mod identity;
mod seal;
mod secret;
pub mod store;
mod upkeep;

pub use self::{
    error::Error,
    identity::{Identity, Recipient},
    seal::{open, seal, seal_again},
    secret::Secret,
    store::Store,
    upkeep::upkeep,
};

use dockeeper_model::NodeName;
use std::collections::BTreeMap;

/// Whom secrets are encrypted for.
pub type Recipients = BTreeMap<NodeName, Recipient>;

/// The longest secret, in bytes: for keys and certificates, not for key stores of megabytes.
pub const SECRET_LEN_MAX: usize = 64 << 10;

/// How many hosts a secret can be encrypted for. With each of them the record gets about 240 bytes
/// longer, and half a megabyte is what ZooKeeper takes in any configuration.
pub const RECIPIENTS_MAX: usize = 1500;

/// How many secrets there may be: each is encrypted anew when a host is added.
pub const SECRETS_MAX: usize = 1000;
