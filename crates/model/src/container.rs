//! A container on its host.

use crate::{ElectionStatus, InstanceId, NodeName, ServiceName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a host's agent says of one of its containers.
///
/// The name, the image and the state make it one: every agent writes them, and content without
/// them is foreign. All else may be missing, as from an agent of another version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerRecord {
    /// The container's name.
    pub name: String,
    /// The image, as the user wrote it.
    pub image: String,
    /// The image's content address.
    #[serde(default)]
    pub image_id: String,
    /// `running`, `paused`, `restarting`, `stopping`.
    pub state: String,
    /// What the container's own HEALTHCHECK says: `none`, `starting`, `healthy`, `unhealthy`.
    #[serde(default)]
    pub health: String,
    /// The last output of its HEALTHCHECK, when it is not healthy.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub health_output: String,
    /// When it was started, in milliseconds since 1970.
    #[serde(default)]
    pub started_ms: i64,
    /// Since when it is being stopped, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopping_ms: Option<i64>,
    /// Its ports, as `docker ps` shows them.
    #[serde(default)]
    pub ports: Vec<String>,
    /// Its addresses, by network.
    #[serde(default)]
    pub networks: BTreeMap<String, String>,
    /// Its labels, unless they are too long.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Whether labels were left out because they are too long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub labels_omitted: bool,
    /// What it serves, and what keeps it from being found.
    #[serde(default)]
    pub instances: Vec<InstanceStatus>,
    /// The elections that it is meant to stand in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elections: Vec<ElectionStatus>,
    /// What is wrong with its metadata.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// What stands for the endpoint of an instance that is reached nowhere.
pub const NOWHERE: &str = "-";

/// An instance of a container, and whether it can be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceStatus {
    /// The service.
    pub service: ServiceName,
    /// The instance.
    pub id: InstanceId,
    /// Where it is reached, `address:port`; [`NOWHERE`] when that is what is wrong with it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode, encode};

    #[test]
    fn content_without_a_name_an_image_or_a_state_is_foreign() {
        let least = r#"{"name":"web-1","image":"nginx","state":"running"}"#;
        let record: ContainerRecord = decode(least.as_bytes()).unwrap();
        assert_eq!(record.name, "web-1");
        for foreign in [
            "{}",
            r#"{"image":"nginx","state":"running"}"#,
            r#"{"name":"web-1","state":"running"}"#,
            r#"{"name":"web-1","image":"nginx"}"#,
            r#"{"name":null,"image":"nginx","state":"running"}"#,
            r#"["web-1","nginx","","running"]"#,
        ] {
            assert!(
                decode::<ContainerRecord>(foreign.as_bytes()).is_err(),
                "{foreign}"
            );
        }
    }

    #[test]
    fn whatever_an_agent_writes_is_read_also_from_a_newer_one() {
        let record = ContainerRecord {
            name: "web-1".to_owned(),
            started_ms: 5,
            ..ContainerRecord::default()
        };
        let written = encode(&record);
        assert_eq!(decode::<ContainerRecord>(&written).unwrap(), record);
        let newer = String::from_utf8(written).unwrap();
        let newer = newer.replacen('{', r#"{"fromTheFuture":{"a":[1]},"#, 1);
        let read: ContainerRecord = decode(newer.as_bytes()).unwrap();
        assert_eq!(read, record);
    }
}
