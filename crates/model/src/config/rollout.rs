//! How far a release has come.

use super::{ContainerRef, Policy};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How far a release has come. An agent needs to know nothing else: it says which containers are to
/// run what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// The release.
    pub release: u64,
    /// What a new container gets that is not admitted yet: the last release that reached all.
    /// `None` for an app's first release, which everybody gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stable: Option<u64>,
    /// How it proceeds. Fixed when it begins.
    pub policy: Policy,
    /// What it is doing.
    pub phase: Phase,
    /// How many of the policy's stages have been opened.
    pub stage: u32,
    /// The last stage that a person has approved, where the policy asks for it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub approved: u32,
    /// Who is to run the release. Who is not admitted stays with what it runs.
    pub admitted: Admitted,
    /// Those of [`Admitted::These`] that are to be judged, by the time from which their limit counts,
    /// in milliseconds since 1970. Of everyone's it counts from [`changed_ms`](Self::changed_ms).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<i64, BTreeSet<ContainerRef>>,
    /// Since when all of the admitted are healthy, in milliseconds since 1970. Only where the policy
    /// has them stay so for a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthy_ms: Option<i64>,
    /// Who failed, the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// Who failed beyond those. Each counts once, also when it is gone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub failed_more: BTreeSet<ContainerRef>,
    /// How many of the failures a person has put up with, and gone on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub forgiven: u32,
    /// Whether the way back failed, so that only a person can help.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_stuck: bool,
    /// Why it is in its phase, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// When it began, in milliseconds since 1970.
    pub started_ms: i64,
    /// When it came into its phase or stage, in milliseconds since 1970.
    pub changed_ms: i64,
}

/// What a rollout is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// It goes on by itself.
    Rolling,
    /// A person has stopped it for a while, or it failed and was not to go back by itself.
    Paused,
    /// It waits for a person's word before the next stage.
    AwaitingApproval,
    /// All are to run the release, also those to come.
    Done,
    /// A person gave it up: those that run the release go back.
    Aborting,
    /// It failed: those that run the release go back.
    Failing,
}

/// Who is to run a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Admitted {
    /// All, also those to come.
    Everyone,
    /// Only these.
    These(BTreeSet<ContainerRef>),
}

/// A container that a release did no good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Its host.
    pub node: String,
    /// The container.
    pub container: ContainerRef,
    /// Its name.
    pub name: String,
    /// What went wrong.
    pub reason: String,
}

// === impl Rollout ===

impl Rollout {
    /// How many failures are named.
    pub const FAILURES_MAX: usize = 20;

    /// What a container is to run, which runs `current` now, if anything.
    pub fn release_for(&self, container: &ContainerRef, current: Option<u64>) -> u64 {
        if self.admitted.has(container) {
            return self.release;
        }
        current.or(self.stable).unwrap_or(self.release)
    }

    /// Whether a container has failed with the release.
    pub fn has_failed(&self, container: &ContainerRef) -> bool {
        let mut named = self.failures.iter();
        named.any(|failure| failure.container == *container) || self.failed_more.contains(container)
    }

    /// How many containers have failed with the release.
    pub fn failed(&self) -> usize {
        self.failures.len() + self.failed_more.len()
    }
}

// === impl Admitted ===

impl Admitted {
    /// Whether a container is among them.
    pub fn has(&self, container: &ContainerRef) -> bool {
        match self {
            Self::Everyone => true,
            Self::These(containers) => containers.contains(container),
        }
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

// === impl Phase ===

impl Phase {
    /// Whether there is nothing more to do.
    pub fn is_over(self) -> bool {
        self == Self::Done
    }
}
