use dockeeper_model::{
    LockName, ServiceName,
    config::{AppName, SecretName},
};
use std::collections::BTreeSet;

/// What templates asked for, beside the values of their own app: when the answer changes, they are
/// to be rendered again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Other apps, for their values.
    pub apps: BTreeSet<AppName>,
    /// Services, for their instances.
    pub services: BTreeSet<ServiceName>,
    /// Elections, for their leaders.
    pub leaders: BTreeSet<LockName>,
    /// Secrets.
    pub secrets: BTreeSet<SecretName>,
    /// Whether something of the host was asked for.
    pub node: bool,
    /// What was asked for of the container, by the names that templates have for it. When there is
    /// nothing, all containers of the host get the same.
    pub container: BTreeSet<&'static str>,
}
