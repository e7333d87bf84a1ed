use crate::template::Asked;
use dockeeper_model::{
    LockName, ServiceName,
    config::{AppName, SecretName},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that a template asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Question {
    /// An app's values.
    App(AppName),
    /// A service's instances.
    Service(ServiceName),
    /// Who leads an election.
    Leader(LockName),
    /// A secret.
    Secret(SecretName),
}

// === impl Question ===

impl Question {
    /// What was asked for beyond the host itself.
    pub(super) fn all_of(asked: &Asked) -> impl Iterator<Item = Self> {
        let apps = asked.apps.iter().cloned().map(Self::App);
        let services = asked.services.iter().cloned().map(Self::Service);
        let leaders = asked.leaders.iter().cloned().map(Self::Leader);
        let secrets = asked.secrets.iter().cloned().map(Self::Secret);
        apps.chain(services).chain(leaders).chain(secrets)
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App(app) => write!(f, "the values of the app {app}"),
            Self::Service(service) => write!(f, "the instances of the service {service}"),
            Self::Leader(election) => write!(f, "the leader of the election {election}"),
            Self::Secret(name) => write!(f, "the secret {name}"),
        }
    }
}
