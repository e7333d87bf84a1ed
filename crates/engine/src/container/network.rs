use std::net::{Ipv4Addr, Ipv6Addr};

/// A container's address on one network. A container that does not run has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NetworkAddress {
    /// The IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// The global IPv6 address, on a network with IPv6.
    pub ipv6: Option<Ipv6Addr>,
}
