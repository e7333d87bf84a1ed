//! A container on its host.

use crate::{InstanceId, NodeName, ServiceName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a host's agent says of one of its containers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerRecord {
    /// The container's name.
    pub name: String,
    /// The image, as the user wrote it.
    pub image: String,
    /// The image's content address.
    pub image_id: String,
    /// `running`, `paused`, `restarting`, `stopping`.
    pub state: String,
    /// What the container's own HEALTHCHECK says: `none`, `starting`, `healthy`, `unhealthy`.
    pub health: String,
    /// The last output of its HEALTHCHECK, when it is not healthy.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub health_output: String,
    /// When it was started, in milliseconds since 1970.
    pub started_ms: i64,
    /// Since when it is being stopped, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopping_ms: Option<i64>,
    /// Its ports, as `docker ps` shows them.
    pub ports: Vec<String>,
    /// Its addresses, by network.
    pub networks: BTreeMap<String, String>,
    /// Its labels, unless they are too long.
    pub labels: BTreeMap<String, String>,
    /// Whether labels were left out because they are too long.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub labels_omitted: bool,
    /// What it serves, and what keeps it from being found.
    pub instances: Vec<InstanceStatus>,
    /// What is wrong with its metadata.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// An instance of a container, and whether it can be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceStatus {
    /// The service.
    pub service: ServiceName,
    /// The instance.
    pub id: InstanceId,
    /// Where it is reached, `address:port`.
    pub endpoint: String,
    /// Why it cannot be found; `None` when it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
}

/// A container as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// The container's full id.
    pub id: String,
    /// Its host.
    pub node: NodeName,
    /// What the host's agent says.
    #[serde(flatten)]
    pub record: ContainerRecord,
}
