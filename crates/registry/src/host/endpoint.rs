//! Where a container's port is reached.

use super::{
    advertised,
    metadata::{ForPort, Value, port},
    settings::Settings,
};
use dockeeper_engine::{
    Container,
    container::{Binding, NetworkAddress, Port, State},
};
use dockeeper_model::shown;
use std::net::{IpAddr, SocketAddr};

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
        let unfit = |why| Unreachable::Problem(format!("SERVICE_IP is {ip}, {why}"));
        advertised::judge(ip, settings.advertise_loopback).map_err(unfit)?;
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
    /// It cannot be told yet: nothing is known of the container whose network it shares, or it is
    /// started again, and has no address and no port of the host before it runs.
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
        let address = on_network(attached, network)?;
        return Ok(SocketAddr::new(address, port.container_port));
    }
    let is_internal = metadata.is_on("internal").map_err(Unreachable::Problem)?;
    if settings.internal || is_internal {
        let address = attached.networks.values().find_map(own_address);
        let address = address.ok_or_else(|| {
            not_yet(attached, || {
                "the container has no address of its own".to_owned()
            })
        })?;
        return Ok(SocketAddr::new(address, port.container_port));
    }
    published(attached, port, settings)
}

fn on_network(container: &Container, network: &str) -> Result<IpAddr, Unreachable> {
    let problem = || {
        format!(
            "SERVICE_NETWORK is {}, where the container has no address; it is on {}",
            shown(network),
            on_networks(container)
        )
    };
    let attached = container.networks.get(network);
    let attached = attached.ok_or_else(|| Unreachable::Problem(problem()))?;
    own_address(attached).ok_or_else(|| not_yet(container, problem))
}

/// Why an address was not found, unless that says nothing yet.
fn not_yet(container: &Container, problem: impl FnOnce() -> String) -> Unreachable {
    match restarting(container) {
        Some(why) => Unreachable::Waiting(why),
        None => Unreachable::Problem(problem()),
    }
}

/// Whether a container is being started again, for people: Docker knows neither its addresses then
/// nor the host's ports that it chooses itself.
pub(super) fn restarting(container: &Container) -> Option<String> {
    let is_restarting = container.state == State::Restarting;
    is_restarting.then(|| format!("container {} is restarting", container.name))
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
