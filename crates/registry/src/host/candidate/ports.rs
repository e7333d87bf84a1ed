//! Which of a container's ports are reached, and why the others are not.

use super::{Refused, instance_id};
use crate::host::{
    endpoint::{Unreachable, endpoint, restarting, served},
    metadata::{ForPort, Metadata, port},
    naming::{Names, names},
    settings::Settings,
};
use dockeeper_engine::{
    Container,
    container::{Port, Protocol},
};
use dockeeper_model::shown;
use std::net::SocketAddr;

/// What to do about a port that Docker does not publish.
const PUBLISH: &str = "publish it with -p, or advertise the container's own address with \
                       SERVICE_NETWORK or SERVICE_INTERNAL, or say with SERVICE_IP and \
                       SERVICE_PORT where it is reached";

/// The ports of a container.
#[derive(Debug, Default)]
pub(super) struct Ports<'a> {
    pub(super) reached: Vec<Reached<'a>>,
    pub(super) refused: Vec<Refused>,
    pub(super) problems: Vec<String>,
}

/// A port that is reached somewhere.
#[derive(Debug)]
pub(super) struct Reached<'a> {
    pub(super) named: Named<'a>,
    pub(super) at: SocketAddr,
}

/// A port with services.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) port: Port,
    pub(super) metadata: ForPort<'a>,
    pub(super) names: Names,
}

// === impl Ports ===

impl<'a> Ports<'a> {
    pub(super) fn of(
        container: &Container,
        peer: Option<&Container>,
        metadata: &'a Metadata,
        settings: &Settings,
    ) -> Self {
        let mut found = Self::default();
        let mut unpublished = Vec::new();
        for port in listed(container, metadata, &mut found.problems) {
            let metadata = metadata.for_port(port.container_port);
            let Some(named) = found.name(container, port, metadata, settings) else {
                continue;
            };
            match endpoint(container, peer, &named.port, &named.metadata, settings) {
                Ok(at) => found.reached.push(Reached { named, at }),
                Err(Unreachable::Unpublished) => unpublished.push(named),
                Err(Unreachable::Waiting(why)) => found.refuse(container, &named, &why, settings),
                Err(Unreachable::Problem(why)) => {
                    found.refuse(container, &named, &why, settings);
                    found.problems.push(why);
                }
            }
        }
        let restarting = restarting(peer.unwrap_or(container));
        found.judge_unpublished(container, &unpublished, restarting.as_deref(), settings);
        found
    }

    /// The port with its services; `None` for one that has none, or nothing but problems.
    fn name(
        &mut self,
        container: &Container,
        port: Port,
        mut metadata: ForPort<'a>,
        settings: &Settings,
    ) -> Option<Named<'a>> {
        if metadata.is_ignored() {
            return None;
        }
        self.problems.extend(metadata.take_problems());
        let usable = metadata.usable();
        match usable.and_then(|()| names(container, &metadata, settings)) {
            Ok(names) => Some(Named {
                port,
                metadata,
                names: names?,
            }),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// Notes what the port's services would be, and why they are not.
    pub(super) fn refuse(
        &mut self,
        container: &Container,
        named: &Named<'_>,
        why: &str,
        settings: &Settings,
    ) {
        let Ok(id) = instance_id(container, named, settings) else {
            return;
        };
        let services = named
            .names
            .names
            .iter()
            .filter_map(|name| name.parse().ok());
        self.refused.extend(services.map(|service| Refused {
            service,
            id: id.clone(),
            why: why.to_owned(),
        }));
    }

    /// Most exposed ports are not meant to be found. A name for a port means that port; one for
    /// the whole container means the ports that are published, and something else only when there
    /// are none. That a container that is `restarting` publishes none is no problem: it may be
    /// about to.
    fn judge_unpublished(
        &mut self,
        container: &Container,
        unpublished: &[Named<'_>],
        restarting: Option<&str>,
        settings: &Settings,
    ) {
        let is_nothing_reached = self.reached.is_empty();
        let is_meant = |named: &&Named<'_>| {
            named.names.is_given && (named.names.is_specific || is_nothing_reached)
        };
        let mut meant = Vec::new();
        for named in unpublished.iter().filter(is_meant) {
            let inside = format!("{}/{}", named.port.container_port, named.port.protocol);
            let unpublished = || format!("port {inside} is not published: {PUBLISH}");
            let why = restarting.map_or_else(unpublished, str::to_owned);
            self.refuse(container, named, &why, settings);
            meant.push(inside);
        }
        if !meant.is_empty() && restarting.is_none() {
            let meant = meant.join(", ");
            self.problems.push(format!(
                "a service is named for what is not published ({meant}): {PUBLISH}"
            ));
        }
    }
}

/// The container's ports; that which it serves, where Docker does not know of it.
fn listed(container: &Container, metadata: &Metadata, problems: &mut Vec<String>) -> Vec<Port> {
    let of_container = metadata.for_port(0);
    let Some(served) = served(container, &of_container) else {
        let is_named = of_container.get("name").is_some() && !of_container.is_ignored();
        if container.ports.is_empty() && is_named {
            problems.push(
                "SERVICE_NAME is given, but the container has no port: publish one with -p, or \
                 say with SERVICE_PORT which one it serves"
                    .to_owned(),
            );
        }
        return container.ports.clone();
    };
    match port(served.text) {
        Some(container_port) => vec![Port {
            container_port,
            protocol: Protocol::Tcp,
            bindings: Vec::new(),
        }],
        None => {
            let (name, text) = (served.name, shown(served.text));
            problems.push(format!("{name} is {text}, not a port from 1 to 65535"));
            Vec::new()
        }
    }
}
