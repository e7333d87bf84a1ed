//! A container as its engine describes it, in plain types.

use std::collections::BTreeMap;

mod env;
mod health_check;
mod id;
mod network;
mod port;
mod state;
mod summary;

pub use env::Env;
pub use health_check::HealthCheck;
pub use id::{ContainerId, InvalidId};
pub use network::NetworkAddress;
pub use port::{Binding, Port, Protocol};
pub use state::{Health, State};
pub use summary::{Summary, VolumeMount};

/// What an engine knows about one container at one moment.
///
/// Two values are equal when nothing changed in between that this project cares for: every
/// collection is ordered, whatever the order of the engine's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its identity, for as long as it exists on this engine.
    pub id: ContainerId,
    /// Its name, without the leading slash of the API.
    pub name: String,
    /// The image as the user wrote it, e.g. `nginx:1.27` or `sha256:…`.
    pub image: String,
    /// The image's content address, `sha256:…`.
    pub image_id: String,
    /// When it was created, in milliseconds since 1970 by the engine's clock.
    pub created_ms: i64,
    /// When it was last started, in milliseconds since 1970 by the engine's clock; 0 when never.
    pub started_at_ms: i64,
    /// Where it is in its life.
    pub state: State,
    /// The exit code of its last run; 0 before the first has ended.
    pub exit_code: i32,
    /// Its first process's number where the engine runs; 0 while it has none.
    pub pid: u32,
    /// What its health check says.
    pub health: Health,
    /// The output of the last health probe, cut at [`HEALTH_OUTPUT_BYTES_MAX`].
    pub health_output: String,
    /// Its health check, if it has one.
    pub health_check: Option<HealthCheck>,
    /// Its environment, of the image and of the user, in the engine's order.
    pub env: Env,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its host name.
    pub hostname: String,
    /// How it is attached: `bridge`, `host`, `none`, `container:<id>` or a network's name.
    pub network_mode: String,
    /// The networks it is attached to, by name, with its address on each.
    pub networks: BTreeMap<String, NetworkAddress>,
    /// The exposed and the published ports, sorted, each once.
    pub ports: Vec<Port>,
    /// The signal that asks it to stop, e.g. `SIGTERM`.
    pub stop_signal: String,
    /// How long it may take to stop before it is killed, in seconds; negative: without limit.
    pub stop_timeout_s: i64,
    /// How often the engine's restart policy has restarted it.
    pub restart_count: u64,
}

/// How much of a health probe's output is kept, in bytes: enough for an error's first lines. The
/// engine itself keeps 4 KiB of each of the last five probes.
pub const HEALTH_OUTPUT_BYTES_MAX: usize = 512;
