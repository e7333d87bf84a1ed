//! The instances that a container would be, if nothing kept it from being found.

use super::{
    endpoint::{Unreachable, endpoint},
    metadata::{ForPort, Metadata, port, shown, split_list},
    naming::{Names, names},
    settings::Settings,
};
use dockeeper_engine::{
    Container,
    container::{Port, Protocol},
};
use dockeeper_health::{Check, parse};
use dockeeper_model::{
    Instance, InstanceId, ServiceName,
    instance::{Origin, WEIGHT_DEFAULT},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

/// The keys of a port's metadata that mean something; the others become attributes.
const RESERVED: [&str; 9] = [
    "id", "ignore", "internal", "ip", "name", "network", "port", "tags", "weight",
];

/// An instance that a container would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) instance: Instance,
    pub(super) target: SocketAddr,
    /// How its health is judged besides Docker's own check; an error withholds it.
    pub(super) check: Result<Option<Check>, String>,
}

/// The instances of a container, and what in its metadata could not be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Candidates {
    pub(super) list: Vec<Candidate>,
    pub(super) problems: Vec<String>,
}

/// A port that is reached somewhere.
struct Reached<'a> {
    port: Port,
    at: SocketAddr,
    metadata: ForPort<'a>,
    names: Names,
}

/// The instances of a container. `peer` is the container whose network it shares.
pub(super) fn candidates(
    container: &Container,
    peer: Option<&Container>,
    settings: &Settings,
) -> Candidates {
    let metadata = Metadata::of(container);
    let mut found = Candidates {
        list: Vec::new(),
        problems: metadata.problems().to_vec(),
    };
    let reached = reached(container, peer, &metadata, settings, &mut found.problems);
    let shared = shared_names(&reached);
    for port in &reached {
        for name in &port.names.names {
            let has_suffix = !port.names.is_specific && shared.contains(name.as_str());
            let name = if has_suffix {
                format!("{name}-{}", port.port.container_port)
            } else {
                name.clone()
            };
            match candidate(container, port, &name, settings) {
                Ok(candidate) => found.list.push(candidate),
                Err(problem) => found.problems.push(problem),
            }
        }
    }
    found
}

fn reached<'a>(
    container: &Container,
    peer: Option<&Container>,
    metadata: &'a Metadata,
    settings: &Settings,
    problems: &mut Vec<String>,
) -> Vec<Reached<'a>> {
    let mut reached = Vec::new();
    for port in ports(container, metadata, problems) {
        let mut for_port = metadata.for_port(port.container_port);
        if for_port.get("ignore").is_some() {
            continue;
        }
        problems.extend(for_port.take_problems());
        let Some(names) = names(container, &for_port, settings) else {
            continue;
        };
        match endpoint(container, peer, &port, &for_port, settings) {
            Ok(at) => reached.push(Reached {
                port,
                at,
                metadata: for_port,
                names,
            }),
            Err(Unreachable::Unpublished) => {}
            Err(Unreachable::Problem(problem)) => problems.push(problem),
        }
    }
    reached
}

/// The container's ports. One that has none (host network, mostly) can name one.
fn ports(container: &Container, metadata: &Metadata, problems: &mut Vec<String>) -> Vec<Port> {
    if !container.ports.is_empty() {
        return container.ports.clone();
    }
    let Some(text) = metadata.for_port(0).text("port") else {
        return Vec::new();
    };
    match port(text) {
        Some(container_port) => vec![Port {
            container_port,
            protocol: Protocol::Tcp,
            bindings: Vec::new(),
        }],
        None => {
            problems.push(format!("SERVICE_PORT is {}, not a port", shown(text)));
            Vec::new()
        }
    }
}

/// The names that two different ports would share without meaning to. TCP and UDP of one port are
/// one service.
fn shared_names(reached: &[Reached<'_>]) -> BTreeSet<String> {
    let mut ports_of: BTreeMap<&str, BTreeSet<u16>> = BTreeMap::new();
    for port in reached.iter().filter(|port| !port.names.is_specific) {
        for name in &port.names.names {
            let ports = ports_of.entry(name).or_default();
            ports.insert(port.port.container_port);
        }
    }
    let shared = ports_of.into_iter().filter(|(_, ports)| ports.len() > 1);
    shared.map(|(name, _)| name.to_owned()).collect()
}

fn candidate(
    container: &Container,
    port: &Reached<'_>,
    name: &str,
    settings: &Settings,
) -> Result<Candidate, String> {
    let service: ServiceName = name
        .parse()
        .map_err(|why| format!("{} is no name for a service: {why}", shown(name)))?;
    let id = instance_id(container, port, settings)?;
    let attributes = attributes(&port.metadata);
    let origin = Origin {
        node: settings.node.to_string(),
        container: container.id.to_string(),
        container_name: container.name.clone(),
        image: container.image.clone(),
        container_port: port.port.container_port,
        protocol: port.port.protocol.to_string(),
        tags: split_list(port.metadata.text("tags").unwrap_or("")),
        attributes,
    };
    let instance = Instance {
        service,
        id,
        address: port.at.ip().to_string(),
        port: Some(port.at.port()),
        weight: weight(&port.metadata)?,
        registered_ms: container.started_at_ms,
        origin: Some(origin),
    };
    Ok(Candidate {
        instance,
        target: port.at,
        check: check(&port.metadata),
    })
}

fn instance_id(
    container: &Container,
    port: &Reached<'_>,
    settings: &Settings,
) -> Result<InstanceId, String> {
    let id = match port.metadata.text("id") {
        Some(given) => given.to_owned(),
        None => {
            let protocol = match port.port.protocol {
                Protocol::Tcp => String::new(),
                other => format!(":{other}"),
            };
            let (node, name) = (&settings.node, &container.name);
            format!("{node}:{name}:{}{protocol}", port.port.container_port)
        }
    };
    let problem = |why| format!("{} is no id for an instance: {why}", shown(&id));
    id.parse().map_err(problem)
}

fn weight(metadata: &ForPort<'_>) -> Result<u32, String> {
    let Some(text) = metadata.text("weight") else {
        return Ok(WEIGHT_DEFAULT);
    };
    let problem = |_| format!("SERVICE_WEIGHT is {}, not a whole number", shown(text));
    text.parse().map_err(problem)
}

fn check(metadata: &ForPort<'_>) -> Result<Option<Check>, String> {
    let values = metadata.iter();
    let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
    parse::check(&values.collect()).map_err(|error| error.to_string())
}

fn attributes(metadata: &ForPort<'_>) -> BTreeMap<String, String> {
    let is_attribute =
        |(key, _): &(&str, &str)| !RESERVED.contains(key) && !parse::RESERVED.contains(key);
    let values = metadata.iter().filter(is_attribute);
    values
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests;
