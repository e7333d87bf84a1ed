//! What the tests of this module have in common.

use super::{
    Settings,
    settings::STOP_HOLD_DEFAULT,
    stopping::{Now, Signalled},
};
use dockeeper_engine::{
    Container, ContainerId,
    container::{Binding, Env, Health, Port, Protocol, State},
};
use dockeeper_model::instance::Payload;
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};
use tokio::time::Instant;

pub(super) fn settings() -> Settings {
    Settings {
        node: "h1".parse().unwrap(),
        address: "10.0.0.5".parse().unwrap(),
        internal: false,
        explicit: false,
        advertise_loopback: false,
        compose_name: Default::default(),
        payload: Payload::None,
        stop_hold: STOP_HOLD_DEFAULT,
    }
}

/// A signal that is heard as soon as it is sent.
pub(super) fn signalled(signal: i32, heard: Now) -> Signalled {
    Signalled {
        signal: Some(signal),
        sent_ms: heard.wall_ms,
        heard,
        is_late: false,
    }
}

/// Both clocks, `ms` milliseconds after a beginning at which the wall clock was at 0.
pub(super) fn after(beginning: Instant, ms: u64) -> Now {
    Now {
        at: beginning + Duration::from_millis(ms),
        wall_ms: i64::try_from(ms).unwrap(),
    }
}

/// A running container without ports, whose id follows from its name.
pub(super) fn container(name: &str) -> Container {
    let mut id = [0; 32];
    for (byte, letter) in id.iter_mut().zip(name.bytes()) {
        *byte = letter;
    }
    Container {
        id: ContainerId::from_bytes(id),
        name: name.to_owned(),
        image: name.to_owned(),
        image_id: "sha256:00".to_owned(),
        created_ms: 1,
        started_at_ms: 2,
        state: State::Running,
        pid: 1,
        exit_code: 0,
        health: Health::None,
        health_output: String::new(),
        health_check: None,
        env: Env::default(),
        labels: BTreeMap::new(),
        hostname: name.to_owned(),
        network_mode: "default".to_owned(),
        networks: BTreeMap::new(),
        ports: Vec::new(),
        stop_signal: "SIGTERM".to_owned(),
        stop_timeout_s: 10,
        restart_count: 0,
    }
}

/// Exposes a port, and publishes it where the host says.
pub(super) fn publish(
    container: &mut Container,
    container_port: u16,
    protocol: Protocol,
    at: Option<&str>,
) {
    let is_it = |p: &Port| p.container_port == container_port && p.protocol == protocol;
    let index = container.ports.iter().position(is_it).unwrap_or_else(|| {
        container.ports.push(Port {
            container_port,
            protocol,
            bindings: Vec::new(),
        });
        container.ports.len() - 1
    });
    let binding = at.map(|at| {
        let at: SocketAddr = at.parse().unwrap();
        Binding {
            host_ip: Some(at.ip()),
            host_port: at.port(),
        }
    });
    container.ports[index].bindings.extend(binding);
}
