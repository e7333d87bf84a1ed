//! What services report about themselves, for checks that wait for it.

use super::watched::Watched;
use dockeeper_health::{Handle, Outcome, Probe, monitor};
use parking_lot::RwLock;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Takes what services report: a cheap handle, to be cloned at will.
#[derive(Clone, Debug)]
pub struct Reports {
    checks: Handle,
    waiting: Arc<RwLock<Waiting>>,
}

/// The checks that wait for reports. One id may be that of several ports.
#[derive(Debug, Default)]
struct Waiting {
    by_instance: BTreeMap<String, BTreeSet<monitor::Key>>,
    by_key: BTreeMap<monitor::Key, String>,
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
    /// Reports to the monitor that runs the checks.
    pub fn new(checks: Handle) -> Self {
        Self {
            checks,
            waiting: Arc::default(),
        }
    }

    /// Takes a report about an instance, by its id.
    pub async fn report(&self, instance: &str, outcome: Outcome) -> Result<(), Error> {
        let keys = self.waiting.read().by_instance.get(instance).cloned();
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
    pub(super) fn note(&self, key: &monitor::Key, watched: Option<&Watched>) {
        let mut waiting = self.waiting.write();
        waiting.remove(key);
        if let Some(watched) = watched
            && matches!(watched.check.probe, Probe::Ttl(_))
        {
            waiting.insert(key, watched.instance.as_str());
        }
    }
}

// === impl Waiting ===

impl Waiting {
    fn insert(&mut self, key: &monitor::Key, instance: &str) {
        let keys = self.by_instance.entry(instance.to_owned()).or_default();
        keys.insert(key.clone());
        self.by_key.insert(key.clone(), instance.to_owned());
    }

    fn remove(&mut self, key: &monitor::Key) {
        let Some(instance) = self.by_key.remove(key) else {
            return;
        };
        if let Some(keys) = self.by_instance.get_mut(&instance) {
            keys.remove(key);
            if keys.is_empty() {
                self.by_instance.remove(&instance);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_found_by_the_last_id_of_its_instance() {
        let mut waiting = Waiting::default();
        let keys: [monitor::Key; 2] = ["a".into(), "b".into()];
        for key in &keys {
            waiting.insert(key, "h1:web:80");
        }
        waiting.remove(&keys[0]);
        waiting.insert(&keys[0], "h1:renamed:80");
        assert_eq!(
            waiting.by_instance["h1:web:80"],
            keys[1..].iter().cloned().collect()
        );
        assert!(waiting.by_instance["h1:renamed:80"].contains(&keys[0]));
        keys.iter().for_each(|key| waiting.remove(key));
        assert!(waiting.by_instance.is_empty() && waiting.by_key.is_empty());
    }
}
