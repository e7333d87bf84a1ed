//! What somebody took out of service, and why.

use crate::layout::MAINTENANCE;
use serde::{Deserialize, Serialize};

/// Why something is out of service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Maintenance {
    /// For people.
    pub reason: String,
    /// Who took it out.
    pub by: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// Where a container runs, so that its host can forget it with the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
}

/// What can be taken out of service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// All instances on a host.
    Node(String),
    /// All instances of a service.
    Service(String),
    /// All instances of a container, by its full id.
    Container(String),
}

impl Subject {
    /// The znode that takes it out of service.
    pub fn path(&self) -> String {
        match self {
            Self::Node(name) => format!("{MAINTENANCE}/nodes/{name}"),
            Self::Service(name) => format!("{MAINTENANCE}/services/{name}"),
            Self::Container(id) => format!("{MAINTENANCE}/containers/{id}"),
        }
    }

    /// What a znode takes out of service.
    pub fn from_path(path: &str) -> Option<Self> {
        let (kind, name) = crate::layout::two_names(path, MAINTENANCE)?;
        let name = name.to_owned();
        match kind {
            "nodes" => Some(Self::Node(name)),
            "services" => Some(Self::Service(name)),
            "containers" => Some(Self::Container(name)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_they_are_written() {
        for subject in [
            Subject::Node("h1".into()),
            Subject::Service("web".into()),
            Subject::Container("0123".into()),
        ] {
            assert_eq!(Subject::from_path(&subject.path()), Some(subject));
        }
        assert_eq!(Subject::from_path("/maintenance/nodes"), None);
        assert_eq!(Subject::from_path("/maintenance/other/x"), None);
    }
}
