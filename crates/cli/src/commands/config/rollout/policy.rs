mod changes;

use super::stage;
use crate::{
    args::Global,
    commands::config,
    output::{self, Lines, duration, json, text},
};
use changes::Changes;
use dockeeper_config::store::Error;
use dockeeper_model::config::{AppName, OnFailure, Policy};
use std::time::Duration;

/// What stands for nothing.
const NONE: &str = "none";

/// The options of `config rollout policy`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without options it is shown. A stage is a number of containers, a share of them, or those with a \
label: --stages 1,25%,100% or --stages label:tier=test,50%. After the last one all containers get the \
release. A change holds from the next release on; a rollout keeps the policy that it began with.")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    #[command(flatten)]
    changes: Changes,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Lines,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    args.changes.check()?;
    let policy = config::with(global, async |session, store| {
        if args.only_reads() {
            let settings = store.app(&args.app).await?;
            let (settings, _) = settings.ok_or_else(|| Error::NoApp(args.app.clone()))?;
            return Ok(settings.policy.unwrap_or_default());
        }
        session.make_chroot().await?;
        let (mut settings, version) = store.app(&args.app).await?.unzip();
        let settings = settings.get_or_insert_default();
        let policy = args.changes.of(settings.policy.take().unwrap_or_default());
        settings.policy = Some(policy.clone());
        store.set_app(&args.app, settings, version).await?;
        Ok(policy)
    })
    .await?;
    output::print(&match args.output {
        Lines::Text => told(&policy),
        Lines::Json => json::line(&policy)?,
    })
}

fn told(policy: &Policy) -> String {
    let stages = policy.stages.iter().map(stage::text);
    let stages: Vec<_> = stages.collect();
    let span = |ms| duration::long(Duration::from_millis(ms));
    let none = || NONE.to_owned();
    let on_failure = match policy.on_failure {
        OnFailure::Rollback => "rollback",
        OnFailure::Pause => "pause",
    };
    let rows = [
        ("stages", stages.join(",")),
        (
            "max-parallel",
            policy
                .max_parallel
                .map_or_else(none, |count| count.to_string()),
        ),
        ("bake", span(policy.bake_ms)),
        ("budget", policy.failure_budget.to_string()),
        ("on-failure", on_failure.to_owned()),
        ("limit", span(policy.limit_ms)),
        (
            "gate",
            policy
                .gate
                .as_ref()
                .map_or_else(none, |command| format!("exec:{}", text::clean(command))),
        ),
        ("approval", policy.approval.to_string()),
    ];
    let lines = rows
        .iter()
        .map(|(name, value)| format!("{name:<14}{value}\n"));
    lines.collect()
}

// === impl Args ===

impl Args {
    /// Whether nothing is to be changed.
    pub(super) fn only_reads(&self) -> bool {
        self.changes == Changes::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_shown_as_options() {
        let expected = "\
stages        1,25%,100%
max-parallel  none
bake          0s
budget        0
on-failure    rollback
limit         5m
gate          none
approval      false
";
        assert_eq!(told(&Policy::default()), expected);
    }
}
