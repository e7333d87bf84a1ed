//! A Docker host and its agent.

use crate::NodeName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a host's agent says of itself and its host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeRecord {
    /// The address that the host's instances are advertised at.
    pub address: String,
    /// The agent's version.
    pub agent_version: String,
    /// When the agent was started, in milliseconds since 1970.
    pub agent_started_ms: i64,
    /// The kernel's boot id: tells a host that was restarted from one that was not.
    pub boot_id: String,
    /// The host's own name.
    pub hostname: String,
    /// What the agent knows of the Docker Engine; `None` until it has answered.
    pub engine: Option<EngineInfo>,
    /// Since when the Docker Engine does not answer, in milliseconds since 1970: what is
    /// registered is then the last that was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_lost_ms: Option<i64>,
    /// How many znodes could not be registered because the session holds too many paths.
    #[serde(skip_serializing_if = "is_zero")]
    pub over_limit: usize,
}

/// What a Docker Engine says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EngineInfo {
    /// The engine's version.
    pub version: String,
    /// The version of its API.
    pub api_version: String,
    /// `linux`.
    pub os: String,
    /// `amd64`, `arm64`.
    pub arch: String,
    /// The kernel's version.
    pub kernel: String,
    /// How many processors the host has.
    pub cpus: u32,
    /// How much memory the host has, in bytes.
    pub memory_bytes: u64,
    /// The engine's labels.
    pub labels: BTreeMap<String, String>,
}

/// A host as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// The host.
    pub name: NodeName,
    /// What its agent says.
    #[serde(flatten)]
    pub record: NodeRecord,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}
