use std::collections::HashMap;

use bollard::models::{
    ContainerInspectResponse, ContainerState, ContainerStateStatusEnum as Status, EndpointSettings,
    Health as ProbedHealth, HealthStatusEnum,
};

use super::{bounded, health_check, i32, ports, text, time};
use crate::container::{
    Container, ContainerId, Env, HEALTH_OUTPUT_BYTES_MAX, Health, NetworkAddress, State,
};

/// What the engine does to stop a container of which nothing else was said.
const DEFAULT_STOP_SIGNAL: &str = "SIGTERM";
const DEFAULT_STOP_TIMEOUT_S: i64 = 10;

/// The container that was asked for as `id`.
pub(in crate::docker) fn container(id: ContainerId, answer: ContainerInspectResponse) -> Container {
    let config = answer.config.unwrap_or_default();
    let state = answer.state.unwrap_or_default();
    let host = answer.host_config.unwrap_or_default();
    let network = answer.network_settings.unwrap_or_default();
    let life = life(&state);
    let published = match life {
        State::Restarting => network
            .ports
            .filter(|ports| !ports.is_empty())
            .or(host.port_bindings),
        _ => network.ports,
    };
    let (health, health_output) = health(state.health.as_ref());
    Container {
        id,
        name: text(answer.name).trim_start_matches('/').to_owned(),
        image: text(config.image),
        image_id: text(answer.image),
        created_ms: time::milliseconds(answer.created.as_deref()),
        started_at_ms: time::milliseconds(state.started_at.as_deref()),
        state: life,
        exit_code: i32(state.exit_code.unwrap_or(0)),
        pid: state.pid.and_then(|pid| pid.try_into().ok()).unwrap_or(0),
        health,
        health_output,
        health_check: config.healthcheck.and_then(health_check::health_check),
        env: Env::from_iter(config.env.unwrap_or_default()),
        labels: config.labels.unwrap_or_default().into_iter().collect(),
        hostname: text(config.hostname),
        network_mode: network_mode(host.network_mode),
        networks: network.networks.iter().flat_map(addresses).collect(),
        ports: ports::ports(config.exposed_ports, published),
        stop_signal: config
            .stop_signal
            .unwrap_or_else(|| DEFAULT_STOP_SIGNAL.to_owned()),
        stop_timeout_s: config.stop_timeout.unwrap_or(DEFAULT_STOP_TIMEOUT_S),
        restart_count: answer
            .restart_count
            .and_then(|n| n.try_into().ok())
            .unwrap_or(0),
    }
}

fn life(state: &ContainerState) -> State {
    let is = |flag: Option<bool>| flag == Some(true);
    match state.status {
        Some(Status::CREATED) => State::Created,
        // One that is stopping still runs; only Podman tells.
        Some(Status::RUNNING | Status::STOPPING) => State::Running,
        Some(Status::PAUSED) => State::Paused,
        Some(Status::RESTARTING) => State::Restarting,
        Some(Status::REMOVING) => State::Removing,
        Some(Status::EXITED) => State::Exited,
        Some(Status::DEAD) => State::Dead,
        Some(Status::EMPTY) | None if is(state.paused) => State::Paused,
        Some(Status::EMPTY) | None if is(state.restarting) => State::Restarting,
        Some(Status::EMPTY) | None if is(state.running) => State::Running,
        Some(Status::EMPTY) | None if is(state.dead) => State::Dead,
        Some(Status::EMPTY) | None => State::Exited,
    }
}

/// The health, and what the last probe wrote.
fn health(health: Option<&ProbedHealth>) -> (Health, String) {
    let Some(health) = health else {
        return (Health::None, String::new());
    };
    let status = match health.status {
        Some(HealthStatusEnum::STARTING) => Health::Starting,
        Some(HealthStatusEnum::HEALTHY) => Health::Healthy,
        Some(HealthStatusEnum::UNHEALTHY) => Health::Unhealthy,
        Some(HealthStatusEnum::NONE | HealthStatusEnum::EMPTY) | None => Health::None,
    };
    let probe = health.log.iter().flatten().last();
    let output = probe
        .and_then(|probe| probe.output.as_deref())
        .unwrap_or_default();
    (status, bounded(output, HEALTH_OUTPUT_BYTES_MAX).to_owned())
}

/// `default` is what older engines note when nothing was said, and means the bridge.
fn network_mode(mode: Option<String>) -> String {
    match mode {
        Some(mode) if mode != "default" => mode,
        _ => "bridge".to_owned(),
    }
}

fn addresses(
    networks: &HashMap<String, EndpointSettings>,
) -> impl Iterator<Item = (String, NetworkAddress)> {
    networks.iter().map(|(name, endpoint)| {
        let ipv4 = endpoint
            .ip_address
            .as_deref()
            .and_then(|ip| ip.parse().ok());
        let ipv6 = endpoint
            .global_ipv6_address
            .as_deref()
            .and_then(|ip| ip.parse().ok());
        (name.clone(), NetworkAddress { ipv4, ipv6 })
    })
}

#[cfg(test)]
mod tests;
