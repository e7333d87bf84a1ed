//! The instances that a container would be, if nothing kept it from being found.

mod ports;

use super::{
    elections::{Election, election},
    metadata::{ForPort, Metadata, split_list},
    settings::Settings,
    watched,
};
use dockeeper_engine::{
    Container,
    container::{Port, Protocol},
};
use dockeeper_health::{Check, Probe, monitor::Key, parse};
use dockeeper_model::{
    Instance, InstanceId, ServiceName,
    instance::{Origin, WEIGHT_DEFAULT},
    shown,
};
use ports::{Named, Ports, Reached};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

/// An instance that a container would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) instance: Instance,
    pub(super) target: SocketAddr,
    /// How its health is judged besides Docker's own check; an error withholds it.
    pub(super) check: Result<Option<Check>, String>,
    /// Names the check: the port's, whatever the services' names.
    pub(super) check_key: Key,
}

/// An instance that a container was meant to be, and cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) service: ServiceName,
    pub(super) id: InstanceId,
    pub(super) why: String,
}

/// The instances of a container, and what in its metadata could not be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Candidates {
    pub(super) list: Vec<Candidate>,
    pub(super) refused: Vec<Refused>,
    /// The election that the container stands in.
    pub(super) election: Option<Election>,
    /// Each once.
    pub(super) problems: Vec<String>,
}

/// The instances of a container. `peer` is the container whose network it shares.
pub(super) fn candidates(
    container: &Container,
    peer: Option<&Container>,
    settings: &Settings,
) -> Candidates {
    let metadata = Metadata::of(container);
    let mut ports = Ports::of(container, peer, &metadata, settings);
    let reached = std::mem::take(&mut ports.reached);
    let shared = shared_names(&reached);
    let mut list = Vec::new();
    for port in &reached {
        let names = &port.named.names;
        let check = check(port, &reached);
        for name in &names.names {
            let has_suffix = !names.is_specific && shared.contains(name.as_str());
            let name = if has_suffix {
                format!("{name}-{}", port.named.port.container_port)
            } else {
                name.clone()
            };
            match candidate(container, port, check.clone(), &name, settings) {
                Ok(candidate) => list.push(candidate),
                Err(problem) => {
                    ports.refuse(container, &port.named, &problem, settings);
                    ports.problems.push(problem);
                }
            }
        }
        ports.problems.extend(check.err());
    }
    let mut problems = metadata.problems().to_vec();
    for problem in ports.problems {
        // What is said of the container is wrong for each of its ports.
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    let found = election(&container.labels);
    problems.extend(found.problems);
    Candidates {
        list,
        refused: ports.refused,
        election: found.election,
        problems,
    }
}

/// The names that two different ports would share without meaning to. TCP and UDP of one port are
/// one service.
fn shared_names(reached: &[Reached<'_>]) -> BTreeSet<String> {
    let mut ports_of: BTreeMap<&str, BTreeSet<u16>> = BTreeMap::new();
    for Reached { named, .. } in reached.iter().filter(|port| !port.named.names.is_specific) {
        for name in &named.names.names {
            let ports = ports_of.entry(name).or_default();
            ports.insert(named.port.container_port);
        }
    }
    let shared = ports_of.into_iter().filter(|(_, ports)| ports.len() > 1);
    shared.map(|(name, _)| name.to_owned()).collect()
}

fn candidate(
    container: &Container,
    reached: &Reached<'_>,
    check: Result<Option<Check>, String>,
    name: &str,
    settings: &Settings,
) -> Result<Candidate, String> {
    let Named { port, metadata, .. } = &reached.named;
    let service: ServiceName = name.parse().map_err(|why| {
        let said = said(metadata, "name", name);
        format!("{said} is no name for a service: {why}")
    })?;
    let id = instance_id(container, &reached.named, settings)?;
    let attributes = metadata.attributes();
    let origin = Origin {
        node: settings.node.to_string(),
        container: container.id.to_string(),
        container_name: container.name.clone(),
        image: container.image.clone(),
        container_port: port.container_port,
        protocol: port.protocol.to_string(),
        tags: split_list(metadata.text("tags").unwrap_or("")),
        attributes: attributes
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        elections: Vec::new(),
    };
    let instance = Instance {
        service,
        id,
        address: reached.at.ip().to_string(),
        port: Some(reached.at.port()),
        weight: weight(metadata)?,
        registered_ms: container.started_at_ms,
        origin: Some(origin),
    };
    Ok(Candidate {
        instance,
        target: reached.at,
        check,
        check_key: watched::key(
            container.id,
            container.started_at_ms,
            port.container_port,
            port.protocol,
        ),
    })
}

fn instance_id(
    container: &Container,
    named: &Named<'_>,
    settings: &Settings,
) -> Result<InstanceId, String> {
    let id = match named.metadata.text("id") {
        Some(given) => given.to_owned(),
        None => {
            let protocol = match named.port.protocol {
                Protocol::Tcp => String::new(),
                other => format!(":{other}"),
            };
            let (node, name) = (&settings.node, &container.name);
            format!("{node}:{name}:{}{protocol}", named.port.container_port)
        }
    };
    id.parse().map_err(|why| {
        let said = said(&named.metadata, "id", &id);
        format!("{said} is no id for an instance: {why}")
    })
}

/// A value as a problem shows it, with the label or the variable that it is from, if any.
fn said(metadata: &ForPort<'_>, key: &str, value: &str) -> String {
    match metadata.get(key) {
        Some(given) => format!("{}: {}", given.name, shown(value)),
        None => shown(value).to_string(),
    }
}

fn weight(metadata: &ForPort<'_>) -> Result<u32, String> {
    let Some(given) = metadata.get("weight") else {
        return Ok(WEIGHT_DEFAULT);
    };
    let problem = |_| {
        format!(
            "{} is {}, not a whole number",
            given.name,
            shown(given.text)
        )
    };
    given.text.parse().map_err(problem)
}

/// The check of a port. It connects over TCP, unless it is a command or the service's own report:
/// of a port of another protocol that says something only where TCP is served beside it.
fn check(reached: &Reached<'_>, all: &[Reached<'_>]) -> Result<Option<Check>, String> {
    let Named { port, metadata, .. } = &reached.named;
    let values = metadata.checks();
    let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let check = parse::check(&values.collect()).map_err(|error| {
        let parse::Error {
            key,
            value,
            problem,
            allowed,
        } = error;
        let name = metadata.get(&key).map_or(key.as_ref(), |given| given.name);
        format!("{name} is {value:?}: {problem}; allowed is {allowed}")
    })?;
    let connects = match check.as_ref().map(|check| &check.probe) {
        Some(Probe::Tcp | Probe::Http { .. } | Probe::Grpc { .. }) => true,
        Some(Probe::Command(_) | Probe::Ttl(_)) | None => false,
    };
    let serves_tcp =
        |other: &Reached<'_>| other.at == reached.at && other.named.port.protocol == Protocol::Tcp;
    if connects && !all.iter().any(serves_tcp) {
        let Port {
            container_port,
            protocol,
            ..
        } = port;
        return Err(format!(
            "a check that connects over TCP cannot judge port {container_port}/{protocol}: use \
             SERVICE_CHECK_CMD or SERVICE_CHECK_TTL, or say it of a port of TCP alone, as \
             SERVICE_80_CHECK_TCP does of port 80"
        ));
    }
    Ok(check)
}

#[cfg(test)]
mod tests;
