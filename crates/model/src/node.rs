//! A Docker host and its agent.

use crate::NodeName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a host's agent says of itself and its host.
///
/// The address and the agent's version make it one: every agent writes them, and content without
/// them is foreign. All else may be missing, as from an agent of another version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeRecord {
    /// The address that the host's instances are advertised at.
    pub address: String,
    /// The agent's version.
    pub agent_version: String,
    /// When the agent was started, in milliseconds since 1970.
    #[serde(default)]
    pub agent_started_ms: i64,
    /// The kernel's boot id: tells a host that was restarted from one that was not.
    #[serde(default)]
    pub boot_id: String,
    /// The host's own name.
    #[serde(default)]
    pub hostname: String,
    /// What the agent knows of the Docker Engine; `None` until it has answered.
    pub engine: Option<EngineInfo>,
    /// Since when the Docker Engine does not answer, in milliseconds since 1970: what is
    /// registered is then the last that was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_lost_ms: Option<i64>,
    /// How many znodes could not be registered because the session holds too many paths.
    #[serde(default, skip_serializing_if = "is_zero")]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode, encode};

    #[test]
    fn content_without_an_address_or_an_agents_version_is_foreign() {
        let least = r#"{"address":"10.0.0.1","agentVersion":"0.1.0"}"#;
        let record: NodeRecord = decode(least.as_bytes()).unwrap();
        assert_eq!((record.address.as_str(), record.engine), ("10.0.0.1", None));
        for foreign in [
            "{}",
            r#"{"address":"10.0.0.1"}"#,
            r#"{"agentVersion":"0.1.0"}"#,
            r#"{"address":"10.0.0.1","agentVersion":null}"#,
            r#"["10.0.0.1","0.1.0"]"#,
        ] {
            assert!(
                decode::<NodeRecord>(foreign.as_bytes()).is_err(),
                "{foreign}"
            );
        }
    }

    #[test]
    fn whatever_an_agent_writes_is_read_also_from_a_newer_one() {
        let record = NodeRecord {
            address: "10.0.0.1".to_owned(),
            over_limit: 3,
            ..NodeRecord::default()
        };
        let written = encode(&record);
        assert_eq!(decode::<NodeRecord>(&written).unwrap(), record);
        let newer = String::from_utf8(written).unwrap();
        let newer = newer.replacen('{', r#"{"fromTheFuture":{"a":[1]},"#, 1);
        let read: NodeRecord = decode(newer.as_bytes()).unwrap();
        assert_eq!(read, record);
    }
}
