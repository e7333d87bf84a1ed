use std::collections::{BTreeMap, BTreeSet};

use bollard::models::{PortBinding, PortMap};

use crate::container::{Binding, Port, Protocol};

/// The ports that a container exposes, and those that its host publishes, as one sorted list.
///
/// A container that does not run publishes nothing, and its engine then lists the exposed ports in
/// its configuration alone. Of one that is about to run again, `published` is what was asked for:
/// a port that the engine is to choose is not known then.
pub(super) fn ports(exposed: Option<Vec<String>>, published: Option<PortMap>) -> Vec<Port> {
    let mut all: BTreeMap<(u16, Protocol), BTreeSet<Binding>> = BTreeMap::new();
    let exposed = exposed
        .unwrap_or_default()
        .into_iter()
        .map(|port| (port, None));
    for (port, bindings) in exposed.chain(published.unwrap_or_default()) {
        if let Some(port) = port_and_protocol(&port) {
            let bindings = bindings.iter().flatten().filter_map(binding);
            all.entry(port).or_default().extend(bindings);
        }
    }
    all.into_iter()
        .map(|((container_port, protocol), bindings)| Port {
            container_port,
            protocol,
            bindings: bindings.into_iter().collect(),
        })
        .collect()
}

/// Reads `80/tcp`; without a protocol it is TCP.
fn port_and_protocol(text: &str) -> Option<(u16, Protocol)> {
    let (port, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    Some((port.parse().ok()?, protocol.parse().ok()?))
}

fn binding(binding: &PortBinding) -> Option<Binding> {
    let host_port = binding.host_port.as_deref()?.parse().ok()?;
    if host_port == 0 {
        return None;
    }
    let host_ip = binding.host_ip.as_deref().and_then(|ip| ip.parse().ok());
    Some(Binding { host_ip, host_port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_twice_is_one_and_what_is_no_port_is_left_out() {
        let exposed = vec!["9/sctp".to_owned(), "80".to_owned(), "x/tcp".to_owned()];
        let again = PortBinding {
            host_ip: Some(String::new()),
            host_port: Some("8080".to_owned()),
        };
        let none = PortBinding {
            host_ip: None,
            host_port: Some(String::new()),
        };
        let published = PortMap::from([
            ("80/tcp".to_owned(), Some(vec![again.clone(), none, again])),
            ("70000/tcp".to_owned(), None),
        ]);
        let binding = Binding {
            host_ip: None,
            host_port: 8080,
        };
        let expected = [
            Port {
                container_port: 9,
                protocol: Protocol::Sctp,
                bindings: vec![],
            },
            Port {
                container_port: 80,
                protocol: Protocol::Tcp,
                bindings: vec![binding],
            },
        ];
        assert_eq!(ports(Some(exposed), Some(published)), expected);
    }
}
