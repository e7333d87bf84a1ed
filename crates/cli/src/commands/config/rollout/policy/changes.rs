//! What a person wants changed of a policy.

use super::{super::stage::StageArg, NONE};
use crate::{args::Span, exit::Failure, holding::Wait};
use clap::ValueEnum;
use dockeeper_hooks::command;
use dockeeper_model::config::{OnFailure, Policy};
use std::time::Duration;

/// How many stages there may be: each is judged, and nobody reads more.
const STAGES_MAX: usize = 20;

/// What is to be changed.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub(super) struct Changes {
    /// How many containers run a release after each stage
    #[arg(long, value_name = "STAGE", value_delimiter = ',')]
    stages: Vec<StageArg>,

    /// How many containers at most are changed at a time; `none` for as many as the stage has
    #[arg(long, value_name = "N", value_parser = max_parallel)]
    max_parallel: Option<Bound>,

    /// How long the containers of a stage have to stay healthy before the next: 30s, 5m; 0
    #[arg(long, value_name = "DURATION")]
    bake: Option<Wait>,

    /// How many containers may fail before the rollout does
    #[arg(long, value_name = "N")]
    budget: Option<u32>,

    /// What becomes of a rollout that failed
    #[arg(long, value_name = "WHAT")]
    on_failure: Option<OnFailureArg>,

    /// How long a container may take to get healthy with the release
    #[arg(long, value_name = "DURATION")]
    limit: Option<Span>,

    /// A command that is run in each container after the change, and has to end with 0:
    /// exec:COMMAND; `none`
    #[arg(long, value_name = "HOOK", value_parser = gate)]
    gate: Option<Gate>,

    /// Whether a person has to approve each stage after the first
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    approval: Option<bool>,

    /// Begin with the default: one container, then a quarter, then all
    #[arg(long)]
    default: bool,
}

/// How many at a time, if there is a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bound(Option<u32>);

/// The gate's command, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Gate(Option<String>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnFailureArg {
    /// Those that run the release go back
    Rollback,
    /// All stay as they are, until a person decides
    Pause,
}

fn max_parallel(text: &str) -> Result<Bound, String> {
    match text.parse() {
        _ if text == NONE => Ok(Bound(None)),
        Ok(0) | Err(_) => Err("write 1 or more, or none".to_owned()),
        Ok(count) => Ok(Bound(Some(count))),
    }
}

fn gate(text: &str) -> Result<Gate, String> {
    match text {
        NONE => Ok(Gate(None)),
        text => Ok(Gate(Some(command(text)?))),
    }
}

// === impl Changes ===

impl Changes {
    pub(super) const NONE: Self = Self {
        stages: Vec::new(),
        max_parallel: None,
        bake: None,
        budget: None,
        on_failure: None,
        limit: None,
        gate: None,
        approval: None,
        default: false,
    };

    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.stages.len() > STAGES_MAX {
            let why = format!("there can be at most {STAGES_MAX} stages");
            return Err(Failure::usage(why));
        }
        Ok(())
    }

    pub(super) fn of(&self, before: Policy) -> Policy {
        let before = match self.default {
            true => Policy::default(),
            false => before,
        };
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let on_failure = self.on_failure.map(|wanted| match wanted {
            OnFailureArg::Rollback => OnFailure::Rollback,
            OnFailureArg::Pause => OnFailure::Pause,
        });
        let stages = self.stages.iter();
        Policy {
            stages: match self.stages.is_empty() {
                true => before.stages,
                false => stages.map(|StageArg(stage)| stage.clone()).collect(),
            },
            max_parallel: self
                .max_parallel
                .map_or(before.max_parallel, |Bound(count)| count),
            bake_ms: self.bake.map_or(before.bake_ms, |Wait(bake)| ms(bake)),
            failure_budget: self.budget.unwrap_or(before.failure_budget),
            on_failure: on_failure.unwrap_or(before.on_failure),
            limit_ms: self.limit.map_or(before.limit_ms, |Span(limit)| ms(limit)),
            gate: self
                .gate
                .clone()
                .map_or(before.gate, |Gate(command)| command),
            approval: self.approval.unwrap_or(before.approval),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser;
    use dockeeper_model::config::Stage;

    fn changes(options: &[&str]) -> Changes {
        #[derive(Parser)]
        struct Line {
            #[command(flatten)]
            changes: Changes,
        }
        Line::parse_from([&["x"], options].concat()).changes
    }

    #[test]
    fn what_is_not_named_stays() {
        let policy = changes(&[
            "--stages",
            "2,label:a=b",
            "--max-parallel",
            "3",
            "--gate",
            "exec:true",
        ])
        .of(Policy::default());
        assert_eq!(
            policy.stages,
            [Stage::Count(2), Stage::Label("a=b".to_owned())]
        );
        assert_eq!(
            (policy.max_parallel, policy.gate.as_deref()),
            (Some(3), Some("true"))
        );
        let again =
            changes(&["--bake", "30s", "--approval", "--max-parallel", "none"]).of(policy.clone());
        let expected = Policy {
            bake_ms: 30_000,
            approval: true,
            max_parallel: None,
            ..policy.clone()
        };
        assert_eq!(again, expected);
        let back = changes(&["--default", "--approval=false"]).of(again);
        assert_eq!(back, Policy::default());
        assert_eq!(changes(&[]), Changes::NONE);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for bad in [
            ["--stages", "0"],
            ["--stages", "1,,2"],
            ["--max-parallel", "0"],
            ["--limit", "0"],
            ["--gate", "signal:HUP"],
            ["--on-failure", "x"],
        ] {
            let line = ["dockeeper", "config", "rollout", "policy", "web"];
            assert!(
                Cli::try_parse_from([&line[..], &bad].concat()).is_err(),
                "{bad:?}"
            );
        }
    }
}
