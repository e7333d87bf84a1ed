//! What an engine 20.10 answered to `inspect`, in `tests/fixtures`; only its folders are renamed.

use super::*;
use crate::container::{Binding, Port, Protocol};

macro_rules! fixture {
    ($name:literal) => {
        read(include_str!(concat!(
            "../../../../tests/fixtures/",
            $name,
            ".json"
        )))
    };
}

fn read(json: &str) -> Container {
    let answer: ContainerInspectResponse = serde_json::from_str(json).unwrap();
    let id = answer.id.as_ref().unwrap().parse().unwrap();
    container(id, answer)
}

fn port(container_port: u16, protocol: Protocol, bindings: &[(&str, u16)]) -> Port {
    let binding = |&(ip, host_port): &(&str, u16)| Binding {
        host_ip: Some(ip.parse().unwrap()),
        host_port,
    };
    Port {
        container_port,
        protocol,
        bindings: bindings.iter().map(binding).collect(),
    }
}

fn exposed() -> Port {
    port(9000, Protocol::Udp, &[])
}

#[test]
fn a_container_with_everything() {
    let c = fixture!("published");
    assert_eq!(c.id.short(), "0d6eebab517b");
    assert_eq!(
        (c.name.as_str(), c.image.as_str()),
        ("published", "busybox:local")
    );
    assert!(c.image_id.starts_with("sha256:791aa878"));
    assert_eq!(
        (c.created_ms, c.started_at_ms),
        (1_795_369_140_042, 1_795_369_140_383)
    );
    assert_eq!(
        (c.state, c.pid, c.exit_code, c.restart_count),
        (State::Running, 8489, 0, 0)
    );
    assert_eq!((c.health, c.health_output.as_str()), (Health::None, ""));
    assert_eq!(
        (c.env.get("SERVICE_NAME"), c.env.get("OPTS")),
        (Some("web"), Some("a=b,c=d"))
    );
    assert_eq!(c.labels.get("tier").map(String::as_str), Some("front"));
    assert_eq!(
        (c.hostname.as_str(), c.network_mode.as_str()),
        ("web-1", "bridge")
    );
    assert_eq!((c.stop_signal.as_str(), c.stop_timeout_s), ("SIGQUIT", 3));
    let expected = [
        port(53, Protocol::Udp, &[("127.0.0.1", 15353)]),
        port(80, Protocol::Tcp, &[("0.0.0.0", 18080), ("::", 18080)]),
        port(7000, Protocol::Tcp, &[]),
        exposed(),
    ];
    assert_eq!(c.ports, expected);
}

#[test]
fn what_is_to_be_published_is_known_while_a_container_is_started_again() {
    let answer = |status: &str| {
        read(&format!(
            r#"{{
                "Id": "{}",
                "State": {{ "Status": "{status}" }},
                "Config": {{ "ExposedPorts": {{ "9000/udp": {{}} }} }},
                "HostConfig": {{ "PortBindings": {{
                    "53/udp": [{{ "HostIp": "127.0.0.1", "HostPort": "5353" }}],
                    "80/tcp": [{{ "HostIp": "0.0.0.0", "HostPort": "8080" }}],
                    "81/tcp": [{{ "HostIp": "", "HostPort": "" }}],
                    "82/tcp": [{{ "HostIp": "", "HostPort": "0" }}]
                }} }},
                "NetworkSettings": {{ "Ports": {{}} }}
            }}"#,
            "0".repeat(64)
        ))
    };
    let expected = [
        port(53, Protocol::Udp, &[("127.0.0.1", 5353)]),
        port(80, Protocol::Tcp, &[("0.0.0.0", 8080)]),
        port(81, Protocol::Tcp, &[]),
        port(82, Protocol::Tcp, &[]),
        exposed(),
    ];
    assert_eq!(answer("restarting").ports, expected);
    assert_eq!(answer("exited").ports, [exposed()]);
}

#[test]
fn debug_hides_the_environments_values() {
    let text = format!("{:?}", fixture!("published"));
    assert!(
        text.contains("SERVICE_NAME") && !text.contains("a=b,c=d"),
        "{text}"
    );
}

#[test]
fn a_port_that_is_exposed_only_has_no_binding() {
    let c = fixture!("exposed");
    assert_eq!(c.ports, [exposed()]);
    assert_eq!((c.stop_signal.as_str(), c.stop_timeout_s), ("SIGTERM", 10));
}

#[test]
fn a_container_in_the_hosts_network_has_no_address_of_its_own() {
    let c = fixture!("host");
    assert_eq!(c.network_mode, "host");
    assert_eq!(c.networks["host"], NetworkAddress::default());
    assert_eq!(c.ports, [exposed()]);
}

#[test]
fn a_container_in_anothers_network_has_none() {
    let c = fixture!("shared");
    assert!(c.network_mode.starts_with("container:6e52bed30386"));
    assert!(c.networks.is_empty());
}

#[test]
fn the_health_and_the_last_probes_output() {
    let c = fixture!("unhealthy");
    assert_eq!(
        (c.health, c.health_output.as_str()),
        (Health::Unhealthy, "no such table\n")
    );
}

#[test]
fn each_network_has_an_address() {
    let c = fixture!("networks");
    let back = NetworkAddress {
        ipv4: Some("10.212.0.7".parse().unwrap()),
        ipv6: Some("fd00:212::2".parse().unwrap()),
    };
    assert_eq!(c.networks["back"], back);
    assert_eq!(c.networks["front"].ipv6, None);
    assert_eq!((c.networks.len(), c.network_mode.as_str()), (2, "front"));
}

#[test]
fn the_labels_of_compose() {
    let c = fixture!("compose");
    assert_eq!(c.name, "shop_db_1");
    assert_eq!(c.labels["com.docker.compose.service"], "db");
}

#[test]
fn a_paused_container_is_paused() {
    assert_eq!(fixture!("paused").state, State::Paused);
}

#[test]
fn a_range_of_ports_is_its_ports() {
    let both = |port| [("0.0.0.0", port), ("::", port)];
    let expected = [
        exposed(),
        port(9100, Protocol::Tcp, &both(19100)),
        port(9101, Protocol::Tcp, &both(19101)),
        port(9102, Protocol::Tcp, &both(19102)),
    ];
    assert_eq!(fixture!("range").ports, expected);
}

#[test]
fn a_port_is_published_on_addresses_of_both_families() {
    let expected = [
        port(443, Protocol::Tcp, &[("127.0.0.1", 18444), ("::1", 18443)]),
        port(443, Protocol::Udp, &[("0.0.0.0", 18445), ("::", 18445)]),
        exposed(),
    ];
    assert_eq!(fixture!("ipv6").ports, expected);
}

#[test]
fn a_container_that_never_ran() {
    let c = fixture!("created");
    assert_eq!((c.state, c.pid, c.started_at_ms), (State::Created, 0, 0));
    assert_eq!(c.networks["bridge"], NetworkAddress::default());
    assert_eq!(c.ports, [port(80, Protocol::Tcp, &[]), exposed()]);
}

#[test]
fn containers_that_ended() {
    let c = fixture!("exited");
    assert_eq!((c.state, c.exit_code), (State::Exited, 3));
    assert!(c.image.starts_with("sha256:791aa878"));
    let c = fixture!("restarted");
    assert_eq!(
        (c.state, c.exit_code, c.restart_count),
        (State::Exited, 7, 2)
    );
}

#[test]
fn what_is_missing_is_empty() {
    let id = ContainerId::from_bytes([7; 32]);
    let c = container(id, serde_json::from_str("{}").unwrap());
    assert_eq!((c.id, c.state, c.health), (id, State::Exited, Health::None));
    assert_eq!(
        (c.stop_signal.as_str(), c.network_mode.as_str()),
        ("SIGTERM", "bridge")
    );
    assert!(c.name.is_empty() && c.ports.is_empty() && c.networks.is_empty());
    let flags = r#"{"State":{"Status":"","Running":true,"Paused":true}}"#;
    assert_eq!(
        container(id, serde_json::from_str(flags).unwrap()).state,
        State::Paused
    );
}
