//! What services report about themselves, for checks that wait for it.

use dockeeper_health::{Check, Handle, Outcome, Probe, monitor};
use dockeeper_model::layout;
use parking_lot::RwLock;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Takes what services report: a cheap handle, to be cloned at will.
#[derive(Clone, Debug)]
pub struct Reports {
    checks: Handle,
    waiting: Arc<RwLock<BTreeMap<String, BTreeSet<monitor::Key>>>>,
}

/// Why a report was of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No instance on this host has this id and a check that waits for reports.
    #[error(
        "no instance '{0}' with SERVICE_CHECK_TTL runs on this host; `dockeeper ps -o json` shows \
         the instances' ids"
    )]
    Unknown(String),
    /// The agent is ending.
    #[error("the agent is ending")]
    Ending,
}

// === impl Reports ===

impl Reports {
    pub(super) fn new(checks: Handle) -> Self {
        Self {
            checks,
            waiting: Arc::default(),
        }
    }

    /// Takes a report about an instance, by its id. One id may stand under several services.
    pub async fn report(&self, instance: &str, outcome: Outcome) -> Result<(), Error> {
        let keys = self.waiting.read().get(instance).cloned();
        let keys = keys.ok_or_else(|| Error::Unknown(instance.to_owned()))?;
        for key in keys {
            match self.checks.report(key, outcome.clone()).await {
                Ok(()) => {}
                Err(monitor::Error::Stopped) => return Err(Error::Ending),
                Err(_) => return Err(Error::Unknown(instance.to_owned())),
            }
        }
        Ok(())
    }

    /// Notes that a check is run now, or not any more.
    pub(super) fn note(&self, key: &monitor::Key, check: Option<&Check>) {
        let Some(instance) = instance_of(key) else {
            return;
        };
        let mut waiting = self.waiting.write();
        if check.is_some_and(|check| matches!(check.probe, Probe::Ttl(_))) {
            let keys = waiting.entry(instance.to_owned()).or_default();
            keys.insert(key.clone());
        } else if let Some(keys) = waiting.get_mut(instance) {
            keys.remove(key);
            if keys.is_empty() {
                waiting.remove(instance);
            }
        }
    }
}

/// The instance's id in the key of its check, `/services/<service>/<id>@<container>`.
fn instance_of(key: &str) -> Option<&str> {
    let (path, _container) = key.rsplit_once('@')?;
    Some(layout::two_names(path, layout::SERVICES)?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_instance() {
        assert_eq!(
            instance_of("/services/web/h1:a@b:80@0123"),
            Some("h1:a@b:80")
        );
        assert_eq!(instance_of("/services/web"), None);
    }
}
