//! Where a container's port is reached.

use super::{
    metadata::{ForPort, Value, port, shown},
    settings::Settings,
};
use dockeeper_engine::{
    Container,
    container::{Binding, NetworkAddress, Port},
};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where a port is reached. `peer` is the container whose network this one shares. The error is
/// why it is reached nowhere, for people.
pub(super) fn endpoint(
    container: &Container,
    peer: Option<&Container>,
    port: &Port,
    metadata: &ForPort<'_>,
    settings: &Settings,
) -> Result<SocketAddr, Unreachable> {
    let given_ip = parsed(metadata, "ip", |text| text.parse().ok(), "an IP address")?;
    if let Some(ip) = given_ip {
        reachable(ip, settings).map_err(Unreachable::Problem)?;
    }
    let given_port = parsed(metadata, "port", self::port, "a port from 1 to 65535")?;
    if let (Some(ip), Some(port)) = (given_ip, given_port) {
        return Ok(SocketAddr::new(ip, port));
    }
    let found = found(container, peer, port, metadata, settings)?;
    // The port that it serves was found like any other; what is said of it is not said again of
    // where it is reached.
    let is_served = served(container, metadata).is_some();
    let given_port = given_port.filter(|_| !is_served);
    Ok(SocketAddr::new(
        given_ip.unwrap_or(found.ip()),
        given_port.unwrap_or(found.port()),
    ))
}

/// Why a port is reached nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unreachable {
    /// It is not published, as most exposed ports: a complaint only where somebody meant it.
    Unpublished,
    /// Nothing is known yet of the container whose network it shares.
    Waiting(String),
    /// What the user says makes no sense, or cannot be had.
    Problem(String),
}

/// The port that a container serves in its network, where Docker knows of none and its user says
/// so: it has no ports, or lives in another container's network.
pub(super) fn served<'a>(container: &Container, metadata: &ForPort<'a>) -> Option<Value<'a>> {
    let is_unknown = container.ports.is_empty() || shared_with(container).is_some();
    let given = metadata.get("port").filter(|given| !given.is_specific);
    given.filter(|_| is_unknown)
}

/// The container whose network this one shares.
pub(super) fn shared_with(container: &Container) -> Option<&str> {
    container.network_mode.strip_prefix("container:")
}

/// Refuses addresses at which nobody, or only the host itself, reaches anything.
fn reachable(ip: IpAddr, settings: &Settings) -> Result<(), String> {
    let canonical = ip.to_canonical();
    if canonical.is_loopback() && !settings.advertise_loopback {
        return Err(format!(
            "SERVICE_IP is {ip}, a loopback address, which other hosts cannot reach; give another \
             one, or allow it with --advertise-loopback"
        ));
    }
    let is_broadcast = canonical == IpAddr::V4(Ipv4Addr::BROADCAST);
    if canonical.is_unspecified() || canonical.is_multicast() || is_broadcast {
        return Err(format!(
            "SERVICE_IP is {ip}, which is no host's address; give the one that the service is \
             reached at"
        ));
    }
    Ok(())
}

fn found(
    container: &Container,
    peer: Option<&Container>,
    port: &Port,
    metadata: &ForPort<'_>,
    settings: &Settings,
) -> Result<SocketAddr, Unreachable> {
    if let Some(other) = shared_with(container)
        && peer.is_none()
    {
        return Err(Unreachable::Waiting(format!(
            "it shares the network of container {}, which does not run",
            shown(other)
        )));
    }
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
    let is_internal = metadata.is_on("internal").map_err(Unreachable::Problem)?;
    if settings.internal || is_internal {
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
    let Some(Value { name, text, .. }) = metadata.get(key) else {
        return Ok(None);
    };
    let problem = || Unreachable::Problem(format!("{name} is {}, not {expected}", shown(text)));
    parse(text).map(Some).ok_or_else(problem)
}
