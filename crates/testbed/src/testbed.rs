//! Docker hosts and a `ZooKeeper` ensemble that belong together.

use std::net::SocketAddr;

use crate::{
    blocking,
    builder::Builder,
    claim::Claim,
    error::Result,
    host::Host,
    layout::Layout,
    network::faults::{Cuts, set_port},
    node::Node,
    proxy::{Endpoint, Proxy},
    zookeeper::Ensemble,
};

/// Several Docker hosts, a `ZooKeeper` ensemble and the network between them.
///
/// Everything that it has made on the machine is removed when it is dropped, which blocks for some
/// hundred milliseconds; [`Testbed::shutdown`] does not block and reports errors. What a killed
/// process leaves behind is removed at the next start of any testbed.
#[derive(Debug)]
pub struct Testbed {
    hosts: Vec<Host>,
    zookeeper: Ensemble,
    cuts: Cuts,
    caller: Node,
    claim: Claim,
}

impl Testbed {
    /// Asks for a testbed.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(claim: Claim, hosts: Vec<Host>, zookeeper: Ensemble) -> Self {
        let caller = claim.layout().caller();
        Self {
            hosts,
            zookeeper,
            cuts: Cuts::default(),
            caller,
            claim,
        }
    }

    /// Its name, unique on the machine.
    #[must_use]
    pub fn name(&self) -> String {
        self.layout().name()
    }

    /// The plan of its nodes.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        self.claim.layout()
    }

    /// All Docker hosts, `h1` first.
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// The Docker host with this index, from 0.
    ///
    /// # Panics
    ///
    /// If the testbed has fewer hosts.
    #[must_use]
    pub fn host(&self, index: usize) -> &Host {
        &self.hosts[index]
    }

    /// The `ZooKeeper` servers.
    #[must_use]
    pub fn zookeeper(&self) -> &Ensemble {
        &self.zookeeper
    }

    /// This process, as the others see it: one end of cuts, and an address that they can reach.
    #[must_use]
    pub fn caller(&self) -> &Node {
        &self.caller
    }

    /// Drops all packets between two nodes, silently and in both directions; also those of their
    /// containers. Connections stay open and stall. Cutting twice is cutting once.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Command`] if the packet filter refuses.
    pub async fn cut(&self, a: impl AsRef<Node>, b: impl AsRef<Node>) -> Result<()> {
        self.cuts.cut(a.as_ref(), b.as_ref()).await
    }

    /// Ends a cut; without one it does nothing.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Command`] if the packet filter refuses.
    pub async fn heal(&self, a: impl AsRef<Node>, b: impl AsRef<Node>) -> Result<()> {
        self.cuts.heal(a.as_ref(), b.as_ref()).await
    }

    /// Takes down the one link of a node, as if its cable was pulled.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Command`] if `ip` refuses.
    pub async fn isolate(&self, node: impl AsRef<Node>) -> Result<()> {
        set_port(&self.layout().switch(), node.as_ref(), "down").await
    }

    /// Takes up the link of a node again.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Command`] if `ip` refuses.
    pub async fn rejoin(&self, node: impl AsRef<Node>) -> Result<()> {
        set_port(&self.layout().switch(), node.as_ref(), "up").await
    }

    /// Puts a proxy in front of any server, at a free port of the caller's address, where every
    /// node can reach it.
    ///
    /// # Errors
    ///
    /// Those of [`Proxy::start`].
    pub async fn proxy(&self, target: Endpoint) -> Result<Proxy> {
        let listen = SocketAddr::from((self.caller.address(), 0));
        Proxy::start(Endpoint::Tcp(listen), target).await
    }

    /// Ends everything and removes every trace.
    ///
    /// # Errors
    ///
    /// What could not be removed. It is tried again at the next start of any testbed, once this
    /// process has ended.
    pub async fn shutdown(self) -> Result<()> {
        let claim = self.claim;
        blocking::run(move || claim.release()).await
    }

    /// Leaves the testbed to nobody: it outlives this process, and
    /// [`crate::inventory::bring_down`] ends it.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if that cannot be written down; the testbed is removed then.
    pub async fn keep(self) -> Result<()> {
        let claim = self.claim;
        blocking::run(move || claim.keep()).await
    }
}
