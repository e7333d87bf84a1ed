//! What a person may tell a rollout to do.

use dockeeper_model::config::{Phase, Rollout};

/// What a person tells a rollout to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Admit nobody more, and do not go back either, whoever fails.
    Pause,
    /// Go on, and put up with those that have failed so far.
    Resume,
    /// Give it up: all go back. Also tries a way back again that failed.
    Abort,
    /// Go on to the next stage.
    Approve,
}

/// Why an order makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is nothing to stop any more.
    #[error(
        "release {0} has reached everyone: go back with a rollback, or publish another release"
    )]
    Done(u64),
    /// It is going back.
    #[error("release {0} is being taken back")]
    GoingBack(u64),
    /// It is paused already.
    #[error("the rollout of release {0} is paused already")]
    Paused(u64),
    /// It goes on already.
    #[error("the rollout of release {0} is not paused")]
    NotPaused(u64),
    /// It asks for nothing.
    #[error("the rollout of release {0} does not wait for an approval")]
    NotAwaited(u64),
    /// There was no release before.
    #[error("there is no release before {0} to go back to: publish another one")]
    NowhereToGo(u64),
}

/// The rollout that `by` wants, to be written in place of this one. The controller does the rest.
///
/// # Errors
///
/// [`Refused`] where the order makes no sense.
pub fn order(rollout: &Rollout, order: Order, by: &str, now_ms: i64) -> Result<Rollout, Refused> {
    let release = rollout.release;
    let mut next = rollout.clone();
    (next.phase, next.reason) = match (order, rollout.phase) {
        (_, Phase::Done) => return Err(Refused::Done(release)),
        (Order::Abort, Phase::Aborting | Phase::Failing) if !rollout.is_stuck => {
            return Err(Refused::GoingBack(release));
        }
        (Order::Abort, _) => {
            let stable = rollout.stable.ok_or(Refused::NowhereToGo(release))?;
            next.is_stuck = false;
            let why = format!("{by} gave it up; back to release {stable}");
            (Phase::Aborting, why)
        }
        (_, Phase::Aborting | Phase::Failing) => return Err(Refused::GoingBack(release)),
        (Order::Pause, Phase::Paused) => return Err(Refused::Paused(release)),
        (Order::Pause, _) => (Phase::Paused, format!("{by} paused it")),
        (Order::Resume, Phase::Paused) => {
            next.forgiven = u32::try_from(rollout.failed()).unwrap_or(u32::MAX);
            (Phase::Rolling, format!("{by} resumed it"))
        }
        (Order::Resume, _) => return Err(Refused::NotPaused(release)),
        (Order::Approve, Phase::AwaitingApproval) => {
            next.approved = rollout.stage.saturating_add(1);
            (Phase::Rolling, format!("{by} approved the next stage"))
        }
        (Order::Approve, _) => return Err(Refused::NotAwaited(release)),
    };
    next.changed_ms = now_ms;
    Ok(next)
}
