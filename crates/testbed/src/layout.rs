//! The names and addresses of a testbed, all of which follow from its number.

use std::{net::Ipv4Addr, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{node::Node, zookeeper::CLIENT_PORT};

/// The greatest number of a testbed: it is the third byte of its subnet, and the numbers above are
/// left free for people who try something by hand.
pub const NUMBER_MAX: u8 = 200;

/// The most Docker hosts in one testbed: with [`NUMBER_MAX`] testbeds their container networks
/// still fit behind 10.100.
pub const HOSTS_MAX: u8 = 32;

/// The most `ZooKeeper` servers in one testbed: more voters than any real ensemble has.
pub const ZOOKEEPERS_MAX: u8 = 7;

/// Begins the name of every testbed, and so of all that it makes on the machine. Short, because
/// a network interface's name has at most 15 characters.
const PREFIX: &str = "dktb";

/// Where each testbed has its directory. Short, because a socket's path has at most 107 bytes.
pub(crate) const DIRECTORY: &str = "/tmp/dockeeper-testbed";

const FIRST_ZOOKEEPER: u8 = 101;
const CALLER: u8 = 254;

/// The plan of a testbed: how many nodes it has, what they are called and where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// From 1 to [`NUMBER_MAX`], unique on the machine.
    pub number: u8,
    /// How many Docker hosts there are.
    pub hosts: u8,
    /// How many `ZooKeeper` servers there are.
    pub zookeepers: u8,
}

impl Layout {
    /// The testbed's name. The names of all its namespaces and cgroups begin with it and a hyphen.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{PREFIX}{}", self.number)
    }

    /// The number in a testbed's name or in a name that begins with one.
    #[must_use]
    pub fn number_of(name: &str) -> Option<u8> {
        let digits = name.strip_prefix(PREFIX)?.split(['-', '.']).next()?;
        digits
            .parse()
            .ok()
            .filter(|number| (1..=NUMBER_MAX).contains(number))
    }

    /// The one directory that holds everything a testbed writes.
    #[must_use]
    pub fn directory(&self) -> PathBuf {
        PathBuf::from(DIRECTORY).join(self.name())
    }

    /// The Docker hosts, `h1` first.
    pub fn hosts(&self) -> impl Iterator<Item = Node> + use<> {
        let layout = *self;
        (1..=layout.hosts).map(move |i| layout.node(format!("h{i}"), i))
    }

    /// The `ZooKeeper` servers, `zk1` first.
    pub fn zookeepers(&self) -> impl Iterator<Item = Node> + use<> {
        let layout = *self;
        (0..layout.zookeepers)
            .map(move |i| layout.node(format!("zk{}", i + 1), FIRST_ZOOKEEPER + i))
    }

    /// What a `ZooKeeper` client connects to: `address:port,...`, without a chroot.
    #[must_use]
    pub fn connect_string(&self) -> String {
        let servers = self.zookeepers();
        let addresses = servers.map(|server| format!("{}:{CLIENT_PORT}", server.address()));
        addresses.collect::<Vec<_>>().join(",")
    }

    /// The process that started the testbed, in the machine's own network namespace.
    #[must_use]
    pub fn caller(&self) -> Node {
        Node::caller(self.address(CALLER), self.directory())
    }

    /// The network of the containers of the host with this index, a /24.
    #[must_use]
    pub fn container_network(&self, host: u8) -> Ipv4Addr {
        let index = u16::from(self.number) * u16::from(HOSTS_MAX) + u16::from(host);
        let [high, low] = index.to_be_bytes();
        Ipv4Addr::new(10, 100 + high, low, 0)
    }

    /// The namespace of the switch that joins the nodes; its ports have their names.
    #[must_use]
    pub fn switch(&self) -> String {
        format!("{}-switch", self.name())
    }

    fn node(self, name: String, address: u8) -> Node {
        Node::new(name, self.address(address), &self.name(), &self.directory())
    }

    fn address(self, last: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, self.number, last)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn addresses_and_container_networks_are_unique_on_the_machine() {
        let mut seen = BTreeSet::new();
        for number in 1..=NUMBER_MAX {
            let layout = Layout {
                number,
                hosts: HOSTS_MAX,
                zookeepers: ZOOKEEPERS_MAX,
            };
            let nodes = layout
                .hosts()
                .chain(layout.zookeepers())
                .chain([layout.caller()]);
            for address in nodes.map(|node| node.address()) {
                assert!(seen.insert(address), "{address} twice");
            }
            for host in 0..HOSTS_MAX {
                let network = layout.container_network(host);
                assert!(seen.insert(network), "{network} twice");
            }
        }
    }

    #[test]
    fn names_fit_into_the_system_limits() {
        let layout = Layout {
            number: 200,
            hosts: HOSTS_MAX,
            zookeepers: ZOOKEEPERS_MAX,
        };
        assert!(layout.name().len() <= 15);
        for host in layout.hosts() {
            assert!(host.directory().join("docker.sock").as_os_str().len() <= 107);
        }
    }

    #[test]
    fn a_number_is_found_in_every_name() {
        assert_eq!(Layout::number_of("dktb7"), Some(7));
        assert_eq!(Layout::number_of("dktb17-h1"), Some(17));
        assert_eq!(Layout::number_of("dktb9.json"), Some(9));
        for stranger in ["dktb", "dktb0", "dktb201", "dktb7x", "eth0", "dktb-7"] {
            assert_eq!(Layout::number_of(stranger), None, "{stranger}");
        }
    }
}
