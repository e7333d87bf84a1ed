//! One end of the testbed's network.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

/// A Docker host, a `ZooKeeper` server or the caller, as the network sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    name: String,
    address: Ipv4Addr,
    directory: PathBuf,
    id: Option<String>,
}

impl Node {
    pub(crate) fn new(name: String, address: Ipv4Addr, testbed: &str, directory: &Path) -> Self {
        let id = Some(format!("{testbed}-{name}"));
        Self {
            address,
            directory: directory.join(&name),
            id,
            name,
        }
    }

    pub(crate) fn caller(address: Ipv4Addr, directory: PathBuf) -> Self {
        Self {
            name: "caller".into(),
            address,
            directory,
            id: None,
        }
    }

    /// Short and unique in its testbed: `h1`, `zk1`, `caller`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address that all other nodes reach it at.
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Where the node keeps its files; it goes away with the testbed.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the Docker daemon of a host listens, for clients outside. On the host itself it also
    /// listens at Docker's default place.
    #[must_use]
    pub fn docker_socket(&self) -> PathBuf {
        self.directory.join("docker.sock")
    }

    /// Holds the id of a process of a host that others can join with `nsenter`.
    #[must_use]
    pub fn pid_file(&self) -> PathBuf {
        self.directory.join("pid")
    }

    /// Unique on the machine: the name of the node's network namespace and cgroup. The caller has
    /// none, as it lives in the machine's own.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The file that stands for the node's network namespace.
    pub(crate) fn namespace(&self) -> Option<PathBuf> {
        self.id().map(|id| Path::new(NAMESPACES).join(id))
    }
}

impl AsRef<Node> for Node {
    fn as_ref(&self) -> &Node {
        self
    }
}

/// Where `ip netns` keeps named network namespaces.
pub(crate) const NAMESPACES: &str = "/run/netns";
