//! What has changed of an app. Does no I/O.

use crate::output::text;
use dockeeper_model::{
    NodeName,
    config::{Ack, Applied, ContainerRef, Phase, Release, Rollout},
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// What is known of an app.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) head: Option<Release>,
    rollout: Option<Rollout>,
    acks: BTreeMap<(NodeName, ContainerRef), Ack>,
}

/// Something that has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(super) enum Change {
    /// There is a new release.
    Release {
        release: u64,
        by: String,
        message: String,
    },
    /// The rollout does something else.
    Rollout {
        release: u64,
        phase: Phase,
        reason: String,
    },
    /// A container has come farther, or back.
    Container {
        node: NodeName,
        id: ContainerRef,
        #[serde(flatten)]
        ack: Ack,
    },
    /// A container is not there any more, or its host's agent.
    Gone {
        node: NodeName,
        id: ContainerRef,
        name: String,
    },
    /// The app is not there any more.
    Removed,
}

/// What has changed.
pub(super) fn between(before: &Known, now: &Known) -> Vec<Change> {
    let mut changes = Vec::new();
    let number = |known: &Known| known.head.as_ref().map(|head| head.release);
    match &now.head {
        Some(head) if number(before) != number(now) => changes.push(Change::Release {
            release: head.release,
            by: head.by.clone(),
            message: head.message.clone(),
        }),
        None if before.head.is_some() => changes.push(Change::Removed),
        _ => {}
    }
    let said = |known: &Known| {
        let rollout = known.rollout.as_ref();
        rollout.map(|rollout| (rollout.release, rollout.phase, rollout.reason.clone()))
    };
    if let Some((release, phase, reason)) =
        said(now).filter(|now| said(before).as_ref() != Some(now))
    {
        changes.push(Change::Rollout {
            release,
            phase,
            reason,
        });
    }
    for ((node, id), ack) in &now.acks {
        if before.acks.get(&(node.clone(), id.clone())) != Some(ack) {
            changes.push(Change::Container {
                node: node.clone(),
                id: id.clone(),
                ack: ack.clone(),
            });
        }
    }
    for (container, ack) in &before.acks {
        if !now.acks.contains_key(container) {
            let (node, id) = container.clone();
            let name = ack.name.clone();
            changes.push(Change::Gone { node, id, name });
        }
    }
    changes
}

// === impl Known ===

impl Known {
    pub(super) fn new(
        head: Option<Release>,
        rollout: Option<Rollout>,
        applied: BTreeMap<NodeName, Applied>,
    ) -> Self {
        let acks = applied.into_iter().flat_map(|(node, applied)| {
            let acks = applied.containers.into_iter();
            acks.map(move |(id, ack)| ((node.clone(), id), ack))
        });
        Self {
            head,
            rollout,
            acks: acks.collect(),
        }
    }
}

// === impl Change ===

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = match self {
            Self::Release {
                release,
                by,
                message,
            } => match message.as_str() {
                "" => format!("release {release} by {by}"),
                message => format!("release {release} by {by}: {message}"),
            },
            Self::Rollout {
                release,
                phase,
                reason,
            } => {
                let phase = match phase {
                    Phase::Rolling => "rolling",
                    Phase::Paused => "paused",
                    Phase::AwaitingApproval => "awaiting approval",
                    Phase::Done => "done",
                    Phase::Aborting => "aborting",
                    Phase::Failing => "failing",
                };
                format!("rollout of release {release} {phase}: {reason}")
            }
            Self::Container { node, ack, .. } => {
                let (name, step, target) = (&ack.name, ack.step.as_str(), ack.target);
                match ack.reason.as_str() {
                    "" => format!("{node}/{name} {step} with release {target}"),
                    why => format!("{node}/{name} {step} with release {target}: {why}"),
                }
            }
            Self::Gone { node, name, .. } => format!("{node}/{name} gone"),
            Self::Removed => "removed".to_owned(),
        };
        f.write_str(&text::clean(&told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_config::rollout::everyone;
    use dockeeper_model::config::{Digest, Kind, Step};

    fn known(release: u64, step: Step) -> Known {
        let head = Release {
            release,
            manifest: Digest::new([0; Digest::LEN]),
            kind: Kind::Set,
            of: None,
            message: "why".to_owned(),
            by: "me@h".to_owned(),
            created_ms: 0,
            files: 0,
            keys: 0,
            bytes: 0,
            inline: BTreeMap::new(),
        };
        let ack = Ack {
            name: "web".to_owned(),
            running: None,
            digest: None,
            target: release,
            step,
            reason: String::new(),
            since_ms: 0,
        };
        let containers = [("0123456789ab".parse().unwrap(), ack)].into();
        let applied = BTreeMap::from([("h1".parse().unwrap(), Applied { containers })]);
        let rollout = everyone(None, release, "for all", 0);
        Known::new(Some(head), Some(rollout), applied)
    }

    fn told(before: &Known, now: &Known) -> Vec<String> {
        let changes = between(before, now);
        changes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_change_is_a_line() {
        let first = known(1, Step::Healthy);
        let expected = [
            "release 1 by me@h: why",
            "rollout of release 1 done: for all",
            "h1/web healthy with release 1",
        ];
        assert_eq!(told(&Known::default(), &first), expected);
        assert!(told(&first, &first).is_empty());
        let failed = known(1, Step::Failed);
        assert_eq!(told(&first, &failed), ["h1/web failed with release 1"]);
        assert_eq!(told(&first, &Known::default()), ["removed", "h1/web gone"]);
    }
}
