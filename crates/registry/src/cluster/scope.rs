use dockeeper_model::{NodeName, ServiceName, layout};

/// A part of what is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The hosts.
    Nodes,
    /// The containers of all hosts.
    Containers,
    /// The containers of one host.
    ContainersOf(NodeName),
    /// The instances of all services.
    Services,
    /// The instances of one service.
    Service(ServiceName),
    /// What is out of service.
    Maintenance,
    /// The locks, with those who contend for them.
    Locks,
    /// The semaphores, with those who contend for them.
    Semaphores,
    /// The elections, with the candidates.
    Elections,
}

// === impl Scope ===

impl Scope {
    /// The znode below which it lies.
    pub fn root(&self) -> String {
        match self {
            Self::Nodes => layout::NODES.to_owned(),
            Self::Containers => layout::CONTAINERS.to_owned(),
            Self::ContainersOf(node) => layout::containers(node),
            Self::Services => layout::SERVICES.to_owned(),
            Self::Service(service) => layout::service(service),
            Self::Maintenance => layout::MAINTENANCE.to_owned(),
            Self::Locks => layout::LOCKS.to_owned(),
            Self::Semaphores => layout::SEMAPHORES.to_owned(),
            Self::Elections => layout::ELECTIONS.to_owned(),
        }
    }

    /// How many levels below the root its records lie.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::Nodes | Self::ContainersOf(_) | Self::Service(_) => 1,
            Self::Containers
            | Self::Services
            | Self::Maintenance
            | Self::Locks
            | Self::Elections => 2,
            Self::Semaphores => 3,
        }
    }
}
