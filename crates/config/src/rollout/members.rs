//! The containers that mount an app's configuration.

use dockeeper_model::{
    NodeName,
    config::{Ack, Applied, ContainerRef, Step},
};
use std::collections::BTreeMap;

/// The containers that mount an app's configuration.
pub type Members = BTreeMap<ContainerRef, Member>;

/// A container that mounts an app's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its host.
    pub node: NodeName,
    /// Its name.
    pub name: String,
    /// Its labels; `None` where they are not known, and a stage that asks for labels waits.
    pub labels: Option<BTreeMap<String, String>>,
    /// What is known of it and the app.
    pub ack: Option<Ack>,
}

/// What a container came to with a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict<'a> {
    /// Nothing yet.
    Unjudged,
    Healthy,
    /// And why.
    Failed(&'a str),
}

/// The containers that the hosts' records speak of. Their labels are not known yet.
pub fn members(applied: impl IntoIterator<Item = (NodeName, Applied)>) -> Members {
    let mut members = Members::new();
    for (node, applied) in applied {
        for (container, ack) in applied.containers {
            let member = Member {
                node: node.clone(),
                name: ack.name.clone(),
                labels: None,
                ack: Some(ack),
            };
            members.insert(container, member);
        }
    }
    members
}

// === impl Member ===

impl Member {
    /// What it came to with a release.
    pub(super) fn verdict(&self, release: u64) -> Verdict<'_> {
        match &self.ack {
            Some(ack) if ack.target == release && ack.step == Step::Healthy => Verdict::Healthy,
            Some(ack) if ack.target == release && ack.step == Step::Failed => {
                Verdict::Failed(&ack.reason)
            }
            _ => Verdict::Unjudged,
        }
    }

    /// Whether its files are of this release.
    pub(super) fn runs(&self, release: u64) -> bool {
        let running = self.ack.as_ref().and_then(|ack| ack.running);
        running == Some(release)
    }

    /// Whether it has a label: `name`, or `name=value`. `None` when that is not known.
    pub(super) fn has_label(&self, wanted: &str) -> Option<bool> {
        let labels = self.labels.as_ref()?;
        Some(match wanted.split_once('=') {
            Some((name, value)) => labels.get(name).is_some_and(|found| found == value),
            None => labels.contains_key(wanted),
        })
    }
}
