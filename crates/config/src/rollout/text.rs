//! What a rollout says of itself, for people.

use super::judge::Tally;
use dockeeper_model::config::{Failure, Rollout};

/// The longest reason of a failure that is kept, in characters: enough for what a check or a hook
/// printed last.
const REASON_LEN_MAX: usize = 500;

/// A failure's reason, no longer than is kept.
pub(super) fn shortened(reason: &str) -> String {
    match reason.trim() {
        "" => "its host's agent gives no reason".to_owned(),
        reason => reason.chars().take(REASON_LEN_MAX).collect(),
    }
}

/// How far a rollout has come that goes on by itself.
pub(super) fn rolling(rollout: &Rollout, tally: &Tally) -> String {
    let (stage, stages) = (rollout.stage, rollout.policy.stages.len());
    let (reached, present) = (tally.reached, tally.present);
    let mut text = format!("stage {stage} of {stages}: {reached} of {present} containers");
    match rollout.healthy_ms {
        Some(_) => {
            let seconds = seconds(rollout.policy.bake_ms);
            text += &format!(" are healthy, and have to stay so for {seconds}");
        }
        None => text += " are to run it and to become healthy",
    }
    text + &failed(rollout)
}

/// What a person is asked for.
pub(super) fn awaiting(rollout: &Rollout, tally: &Tally) -> String {
    let (stage, stages) = (rollout.stage, rollout.policy.stages.len());
    let (reached, present) = (tally.reached, tally.present);
    let text = format!(
        "stage {stage} of {stages} went well: {reached} of {present} containers run it; the next \
         stage waits for a person's approval"
    );
    text + &failed(rollout)
}

/// How it ended.
pub(super) fn done(rollout: &Rollout, tally: &Tally) -> String {
    match tally.present {
        0 => "no container mounts it now: whichever comes gets it".to_owned(),
        count => format!("each of {count} containers is to run it") + &failed(rollout),
    }
}

/// Who made it fail, and against which bound.
pub(super) fn failing(rollout: &Rollout) -> String {
    let (failed, budget) = (rollout.failed(), rollout.policy.failure_budget);
    let who = rollout.failures.last().map(blame).unwrap_or_default();
    let may = match rollout.forgiven {
        0 => format!("{budget} may"),
        forgiven => format!("{budget} more than the {forgiven} that were put up with may"),
    };
    format!(
        "{failed} failed with release {}, and {may}; {who}",
        rollout.release
    )
}

fn blame(failure: &Failure) -> String {
    let Failure {
        node, name, reason, ..
    } = failure;
    format!("{name} on {node}: {reason}")
}

fn failed(rollout: &Rollout) -> String {
    match rollout.failed() {
        0 => String::new(),
        failed => format!("; {failed} failed, which the policy puts up with"),
    }
}

/// A time in seconds, without zeros behind the point.
pub(super) fn seconds(ms: u64) -> String {
    match ms % 1000 {
        0 => format!("{} s", ms / 1000),
        _ => format!("{ms} ms"),
    }
}
