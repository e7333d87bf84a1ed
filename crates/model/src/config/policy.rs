//! How a release reaches the containers.

use serde::{Deserialize, Serialize};

/// How a release reaches the containers: in stages, each judged before the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Policy {
    /// How many containers run the release after each stage. After the last one all do, whatever it
    /// says.
    pub stages: Vec<Stage>,
    /// How many containers at most are between the old release and the judgement of the new one;
    /// `None` for as many as the stage has.
    pub max_parallel: Option<u32>,
    /// How long a stage's containers have to stay healthy before the next stage, in milliseconds.
    pub bake_ms: u64,
    /// How many containers may fail before the rollout does.
    pub failure_budget: u32,
    /// What becomes of a rollout that failed.
    pub on_failure: OnFailure,
    /// How long a container may take from its admission to its judgement, in milliseconds.
    pub limit_ms: u64,
    /// A command that is run in each container after the change; it has to end with 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// Whether a person has to approve each stage after the first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub approval: bool,
}

/// How many containers are to run a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// This many.
    Count(u32),
    /// This share of them, rounded up; at most 100.
    Percent(u8),
    /// Those that have the label, with this value where one is given: `name` or `name=value`.
    Label(String),
}

/// What becomes of a rollout that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnFailure {
    /// Those that run the release go back to the one before.
    #[default]
    Rollback,
    /// All stay as they are, until a person decides.
    Pause,
}

// === impl Policy ===

impl Policy {
    /// Whether the labels of the containers have to be known.
    pub fn asks_for_labels(&self) -> bool {
        let mut stages = self.stages.iter();
        stages.any(|stage| matches!(stage, Stage::Label(_)))
    }
}

impl Default for Policy {
    /// One container, then a quarter, then all.
    fn default() -> Self {
        Self {
            stages: vec![Stage::Count(1), Stage::Percent(25), Stage::Percent(100)],
            max_parallel: None,
            bake_ms: 0,
            failure_budget: 0,
            on_failure: OnFailure::Rollback,
            limit_ms: 5 * 60 * 1000,
            gate: None,
            approval: false,
        }
    }
}
