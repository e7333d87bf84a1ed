//! What the containers of a host run.

use super::{ContainerRef, Digest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a host's agent says of the containers that mount an app's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// Those that run, by their ids.
    pub containers: BTreeMap<ContainerRef, Ack>,
}

/// What is known of one container and one app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ack {
    /// The container's name.
    pub name: String,
    /// The release that its files are of; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<u64>,
    /// The address of what lies in its files, as rendered for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The release that it is to run, which the step and the reason speak of.
    pub target: u64,
    /// How far it has come.
    pub step: Step,
    /// Why it is no farther; for [`Step::Failed`], what went wrong.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
}

/// How far a container has come with a release. Each step implies those before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Nothing has been done yet.
    #[default]
    Waiting,
    /// The host has all of it.
    Fetched,
    /// It is rendered for this container.
    Rendered,
    /// The container's check found it good.
    Checked,
    /// The container sees it.
    Swapped,
    /// The container was told, and the telling succeeded.
    Acted,
    /// The container was healthy after it.
    Healthy,
    /// Something went wrong; the container runs what it ran before, or is not well with the new.
    Failed,
    /// Something that came later than this version.
    #[serde(other)]
    Other,
}

// === impl Step ===

impl Step {
    /// The step as records have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Fetched => "fetched",
            Self::Rendered => "rendered",
            Self::Checked => "checked",
            Self::Swapped => "swapped",
            Self::Acted => "acted",
            Self::Healthy => "healthy",
            Self::Failed => "failed",
            Self::Other => "other",
        }
    }

    /// Whether nothing more happens by itself.
    pub fn is_judged(self) -> bool {
        matches!(self, Self::Healthy | Self::Failed)
    }
}
