//! What templates may ask.

use crate::secrets::Secret;
use dockeeper_model::{
    Instance, LockName, ServiceName,
    config::{AppName, Key, SecretName},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What templates may ask, and who answers. Nothing of it waits: what is not known is
/// [`Unavailable`]. As long as one rendering lasts, the same question gets the same answer, so that
/// its files fit together.
pub trait Facts: Send + Sync {
    /// The values of another app's release; `None` when there is no such app.
    ///
    /// # Errors
    ///
    /// All of these fail with [`Unavailable`] when the answer is not known at the moment. To answer
    /// with nothing is to know that there is nothing.
    fn app(&self, app: &AppName) -> Result<Option<BTreeMap<Key, String>>, Unavailable>;

    /// The host that the container is on.
    fn node(&self) -> Result<Node, Unavailable>;

    /// The container that is rendered for.
    fn container(&self) -> Result<Container, Unavailable>;

    /// The live, healthy instances of a service, in any order.
    fn service(&self, service: &ServiceName) -> Result<Vec<Instance>, Unavailable>;

    /// Who leads an election; `None` when nobody does.
    fn leader(&self, election: &LockName) -> Result<Option<Leader>, Unavailable>;

    /// A secret; `None` when there is no such secret.
    fn secret(&self, name: &SecretName) -> Result<Option<Secret>, Unavailable>;

    /// What keys the digest of files with secrets in them. Only this host may know it: digests are
    /// published, and whoever has one could try secrets until they fit.
    fn digest_key(&self) -> Result<[u8; 32], Unavailable>;
}

/// Something that is not known at the moment, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: not known: {why}")]
pub struct Unavailable {
    /// What was asked for: `the instances of the service orders`.
    pub what: String,
    /// Why it is not known: `ZooKeeper has not been reached yet`.
    pub why: String,
}

/// A host, as templates see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Dockeeper's name of it.
    pub name: String,
    /// The address that its instances are advertised at.
    pub address: String,
    /// Its own name.
    pub hostname: String,
    /// Its engine's labels.
    pub labels: BTreeMap<String, String>,
    /// `amd64`, `arm64`.
    pub arch: String,
    /// How many processors it has.
    pub cpus: u32,
    /// How much memory it has, in bytes.
    pub memory_bytes: u64,
}

/// A container, as templates see it. Its environment is not among this: it often has passwords in
/// it, and who looks at a rendering beforehand does not know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Its full id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The image, as the user wrote it.
    pub image: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its addresses, by network; `None` until it has been started.
    pub networks: Option<BTreeMap<String, String>>,
}

/// Who leads an election, as templates see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Leader {
    /// Its host.
    pub node: String,
    /// The host's address.
    pub address: String,
    /// The container's full id.
    pub id: String,
    /// The container's name.
    pub container: String,
    /// The fencing token: each later leader's is higher.
    pub token: i64,
    /// The container's instances, of any service.
    pub instances: Vec<Instance>,
}

// === impl Unavailable ===

impl Unavailable {
    /// Says what is not known, and why.
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
        }
    }
}
