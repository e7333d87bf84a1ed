//! The testbed's network: a switch in a namespace of its own, a namespace for each node, and one
//! link to the machine's own namespace, where the caller is.
//!
//! The switch is not in the machine's namespace, because a Docker daemon there would set the policy
//! of its FORWARD chain to DROP, which filters what a bridge carries as well.

use std::fmt::Write;

use crate::{error::Result, layout::Layout, node::Node, tool};

pub(crate) mod faults;

/// The switch itself; its ports have the names of the nodes.
const BRIDGE: &str = "br0";

/// Makes all of it. It blocks for some tens of milliseconds.
pub(crate) fn build(layout: &Layout) -> Result<()> {
    tool::ip(None, &links(layout))?;
    tool::ip(Some(&layout.switch()), &switch(layout))?;
    for node in nodes(layout) {
        tool::ip(node.id(), &addresses(layout, &node, "eth0"))?;
    }
    tool::ip(None, &addresses(layout, &layout.caller(), &layout.name()))
}

/// The namespaces, and from each a link to the switch.
fn links(layout: &Layout) -> String {
    let switch = layout.switch();
    let mut batch = format!("netns add {switch}\n");
    for node in nodes(layout) {
        let (name, id) = (
            node.name(),
            node.id().expect("every node but the caller has one"),
        );
        line(&mut batch, format_args!("netns add {id}"));
        let peer = format_args!("type veth peer name eth0 netns {id}");
        line(
            &mut batch,
            format_args!("link add {name} netns {switch} {peer}"),
        );
    }
    let (name, port) = (layout.name(), layout.caller());
    let peer = format_args!("type veth peer name {} netns {switch}", port.name());
    line(&mut batch, format_args!("link add {name} {peer}"));
    batch
}

/// Joins the links to one another.
fn switch(layout: &Layout) -> String {
    let mut batch = format!("link add {BRIDGE} type bridge\nlink set {BRIDGE} up\n");
    for node in nodes(layout).chain([layout.caller()]) {
        line(
            &mut batch,
            format_args!("link set {} master {BRIDGE} up", node.name()),
        );
    }
    batch
}

/// A node's address, and the ways to the containers of all hosts but itself.
fn addresses(layout: &Layout, node: &Node, interface: &str) -> String {
    let mut batch = format!("address add {}/24 dev {interface}\n", node.address());
    line(&mut batch, format_args!("link set lo up"));
    line(&mut batch, format_args!("link set {interface} up"));
    for (index, host) in (0..).zip(layout.hosts()).filter(|(_, host)| host != node) {
        let network = layout.container_network(index);
        line(
            &mut batch,
            format_args!("route add {network}/24 via {}", host.address()),
        );
    }
    batch
}

fn nodes(layout: &Layout) -> impl Iterator<Item = Node> + use<> {
    layout.hosts().chain(layout.zookeepers())
}

fn line(batch: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(batch, "{text}").expect("a String takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout {
        number: 3,
        hosts: 2,
        zookeepers: 1,
    };

    #[test]
    fn every_node_is_linked_to_the_switch() {
        let batch = links(&LAYOUT);
        let link = "link add zk1 netns dktb3-switch type veth peer name eth0 netns dktb3-zk1\n";
        assert!(batch.contains(link), "{batch}");
        assert!(batch.ends_with("link add dktb3 type veth peer name caller netns dktb3-switch\n"));
    }

    #[test]
    fn a_host_has_routes_to_the_containers_of_the_others_only() {
        let host = LAYOUT.hosts().next().unwrap();
        let batch = addresses(&LAYOUT, &host, "eth0");
        let expected = "address add 10.77.3.1/24 dev eth0\nlink set lo up\nlink set eth0 up\n\
                        route add 10.100.97.0/24 via 10.77.3.2\n";
        assert_eq!(batch, expected);
    }
}
