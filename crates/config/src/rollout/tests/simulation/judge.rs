//! What a rollout may become: said again, slowly and without the machine's own terms.

use super::*;
use dockeeper_model::config::{Admitted, Stage};

/// Checks a write of the controller's against what it knew.
pub(super) fn check(before: &Rollout, after: &Rollout, view: &View<'_>, now_ms: i64) {
    assert!(!after.reason.is_empty(), "nothing explains {after:?}");
    assert_eq!(
        (before.release, before.stable),
        (after.release, after.stable)
    );
    assert!(before.stage <= after.stage && before.failed() <= after.failed());
    if let Admitted::These(names) = &before.admitted {
        assert!(
            names.iter().all(|name| after.admitted.has(name)),
            "not admitted any more"
        );
    }
    let failed = after.failed() - after.forgiven as usize;
    let budget = after.policy.failure_budget as usize;
    let is_going_on = matches!(after.phase, Phase::Rolling | Phase::Done);
    assert!(
        failed <= budget || !is_going_on,
        "goes on with {failed} failures"
    );
    allowance(before, after, view);
    parallel(before, after, view);
    // From one stage to the next, or to the end.
    if after.stage > before.stage || after.phase == Phase::Done {
        transition(before, after, view, now_ms);
    }
}

/// Nobody is admitted beyond what the stages want that are open.
fn allowance(before: &Rollout, after: &Rollout, view: &View<'_>) {
    let usable = view
        .members
        .iter()
        .filter(|(name, _)| !after.has_failed(name));
    let usable: Vec<_> = usable.collect();
    let is_last = after.phase == Phase::Done;
    let open = after.policy.stages.iter().take(after.stage as usize);
    let wants_everyone = |stage: &Stage| matches!(stage, Stage::Percent(100..));
    if after.admitted == Admitted::Everyone {
        assert!(
            is_last || open.clone().any(wants_everyone),
            "everyone, too early"
        );
        return;
    }
    let most = open.map(|stage| match stage {
        Stage::Count(count) => *count as usize,
        Stage::Percent(percent) => {
            let mut size = 0;
            while size * 100 < usable.len() * usize::from(*percent) {
                size += 1;
            }
            size
        }
        Stage::Label(_) => usize::MAX,
    });
    let most = most.max().unwrap_or(0);
    let admitted = usable
        .iter()
        .filter(|(name, _)| after.admitted.has(name))
        .count();
    let is_new = |name: &ContainerRef| !before.admitted.has(name) && after.admitted.has(name);
    let is_any_new = usable.iter().any(|(name, member)| {
        let runs = member.ack.as_ref().and_then(|ack| ack.running);
        is_new(name) && runs != Some(after.release)
    });
    assert!(
        !is_any_new || admitted <= most,
        "{admitted} admitted, {most} wanted"
    );
}

/// No more wait for their judgement than the policy allows.
fn parallel(before: &Rollout, after: &Rollout, view: &View<'_>) {
    let Some(max) = after.policy.max_parallel else {
        return;
    };
    if after.admitted == Admitted::Everyone {
        return;
    }
    let in_flight = |rollout: &Rollout| {
        let members = view.members.iter();
        let in_flight = members.filter(|(name, member)| {
            rollout.admitted.has(name) && !after.has_failed(name) && !is_healthy(member, after)
        });
        in_flight.count()
    };
    let (was, is) = (in_flight(before), in_flight(after));
    assert!(is <= was.max(max as usize), "{is} wait to be judged");
}

/// All that were admitted so far are healthy, and have been so for long enough.
fn transition(before: &Rollout, after: &Rollout, view: &View<'_>, now_ms: i64) {
    let needs_approval = after.policy.approval && after.stage > before.stage.max(1);
    assert!(
        !needs_approval || before.approved >= after.stage,
        "not approved"
    );
    let bake_ms = i64::try_from(after.policy.bake_ms).unwrap();
    for (name, member) in view.members {
        if !before.admitted.has(name) || after.has_failed(name) {
            continue;
        }
        if before.admitted == Admitted::Everyone && !is_healthy(member, after) {
            let limit_ms = i64::try_from(after.policy.limit_ms).unwrap();
            assert!(
                now_ms >= before.changed_ms + limit_ms,
                "{name} was not waited for"
            );
            continue;
        }
        assert!(
            is_healthy(member, after),
            "{name} is not judged: {member:?}"
        );
        let since_ms = member.ack.as_ref().unwrap().since_ms;
        assert!(
            now_ms >= since_ms + bake_ms,
            "{name} is healthy for too short a time"
        );
    }
    if !view.is_settled
        && let Admitted::These(names) = &before.admitted
    {
        let is_there = |name| view.members.contains_key(name);
        assert!(
            names.iter().all(is_there),
            "goes on without some that may come back"
        );
    }
}

fn is_healthy(member: &Member, rollout: &Rollout) -> bool {
    let ack = member.ack.as_ref();
    ack.is_some_and(|ack| ack.target == rollout.release && ack.step == Step::Healthy)
}
