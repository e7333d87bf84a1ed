//! Where a container's port is reached.

use super::{
    metadata::{ForPort, port, shown},
    settings::Settings,
};
use dockeeper_engine::{
    Container,
    container::{Binding, NetworkAddress, Port},
};
use std::net::{IpAddr, SocketAddr};

/// Why a port is reached nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unreachable {
    /// It is not published, as most exposed ports; nothing to complain about.
    Unpublished,
    /// What the user says makes no sense, or cannot be had.
    Problem(String),
}

/// Where a port is reached. `peer` is the container whose network this one shares.
pub(super) fn endpoint(
    container: &Container,
    peer: Option<&Container>,
    port: &Port,
    metadata: &ForPort<'_>,
    settings: &Settings,
) -> Result<SocketAddr, Unreachable> {
    let given_ip = parsed(metadata, "ip", |text| text.parse().ok(), "an IP address")?;
    let given_port = parsed(metadata, "port", self::port, "a port from 1 to 65535")?;
    if let (Some(ip), Some(port)) = (given_ip, given_port) {
        return Ok(SocketAddr::new(ip, port));
    }
    let found = found(container, peer, port, metadata, settings);
    match (found, given_ip, given_port) {
        (Ok(found), ip, port) => Ok(SocketAddr::new(
            ip.unwrap_or(found.ip()),
            port.unwrap_or(found.port()),
        )),
        // The user knows of a way that Docker does not.
        (Err(Unreachable::Unpublished), None, Some(port)) => {
            Ok(SocketAddr::new(settings.address, port))
        }
        (Err(why), _, _) => Err(why),
    }
}

fn found(
    container: &Container,
    peer: Option<&Container>,
    port: &Port,
    metadata: &ForPort<'_>,
    settings: &Settings,
) -> Result<SocketAddr, Unreachable> {
    let attached = peer.unwrap_or(container);
    if attached.network_mode == "host" {
        return Ok(SocketAddr::new(settings.address, port.container_port));
    }
    if let Some(network) = metadata.text("network") {
        let address = attached.networks.get(network).and_then(own_address);
        let address = address.ok_or_else(|| {
            Unreachable::Problem(format!(
                "SERVICE_NETWORK is {}, where the container has no address; it is on {}",
                shown(network),
                on_networks(attached)
            ))
        })?;
        return Ok(SocketAddr::new(address, port.container_port));
    }
    if settings.internal || metadata.is_on("internal") {
        let address = attached.networks.values().find_map(own_address);
        let address = address.ok_or_else(|| {
            Unreachable::Problem("the container has no address of its own".to_owned())
        })?;
        return Ok(SocketAddr::new(address, port.container_port));
    }
    published(attached, port, settings)
}

fn published(
    container: &Container,
    port: &Port,
    settings: &Settings,
) -> Result<SocketAddr, Unreachable> {
    let is_same =
        |p: &&Port| p.container_port == port.container_port && p.protocol == port.protocol;
    let bindings = container.ports.iter().find(is_same).map(|p| &p.bindings);
    let bindings = bindings.filter(|bindings| !bindings.is_empty());
    let bindings = bindings.ok_or(Unreachable::Unpublished)?;
    let at = |binding: &Binding| match binding.host_ip {
        Some(ip) if !ip.is_unspecified() => SocketAddr::new(ip, binding.host_port),
        Some(_) | None => SocketAddr::new(settings.address, binding.host_port),
    };
    // Docker binds IPv4 and IPv6 side by side, sometimes to different ports: the advertised
    // address has to be of the binding's family.
    let is_own_family = |binding: &&Binding| {
        binding
            .host_ip
            .is_none_or(|ip| ip.is_ipv4() == settings.address.is_ipv4())
    };
    let is_allowed = |binding: &&Binding| {
        settings.advertise_loopback || !binding.host_ip.is_some_and(|ip| ip.is_loopback())
    };
    let mut allowed = bindings.iter().filter(is_allowed);
    let chosen = allowed
        .clone()
        .find(is_own_family)
        .or_else(|| allowed.next());
    chosen.map(at).ok_or_else(|| {
        Unreachable::Problem(format!(
            "port {} is published on a loopback address only, which other hosts cannot reach; \
             publish it on another address, or allow it with --advertise-loopback",
            port.container_port
        ))
    })
}

fn own_address(address: &NetworkAddress) -> Option<IpAddr> {
    let ipv4 = address.ipv4.map(IpAddr::V4);
    ipv4.or(address.ipv6.map(IpAddr::V6))
}

fn on_networks(container: &Container) -> String {
    let names: Vec<_> = container.networks.keys().map(String::as_str).collect();
    if names.is_empty() {
        "no network".to_owned()
    } else {
        names.join(", ")
    }
}

fn parsed<T>(
    metadata: &ForPort<'_>,
    key: &str,
    parse: impl Fn(&str) -> Option<T>,
    expected: &str,
) -> Result<Option<T>, Unreachable> {
    let Some(text) = metadata.text(key) else {
        return Ok(None);
    };
    let problem = || {
        let name = key.to_ascii_uppercase();
        Unreachable::Problem(format!("SERVICE_{name} is {}, not {expected}", shown(text)))
    };
    parse(text).map(Some).ok_or_else(problem)
}
