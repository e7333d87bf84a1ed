//! How a rollout begins.

use super::{Members, View, step};
use dockeeper_model::config::{Admitted, Phase, Policy, Rollout};
use std::collections::{BTreeMap, BTreeSet};

/// The rollout that is written together with a new release, in place of the `old` one, if there is
/// one: its first stage is open already. An app's very first release is for everyone at once:
/// nobody runs anything that it could spoil, and nobody could go on without it.
#[must_use]
pub fn first(
    old: Option<&Rollout>,
    release: u64,
    policy: Policy,
    members: &Members,
    now_ms: i64,
) -> Rollout {
    if stable(old).is_none() {
        let why = "the app's first release: each container is to run it";
        return Rollout {
            policy,
            ..everyone(None, release, why, now_ms)
        };
    }
    let fresh = Rollout {
        phase: Phase::Rolling,
        admitted: Admitted::These(BTreeSet::new()),
        policy,
        failures: Vec::new(),
        ..everyone(old, release, "", now_ms)
    };
    let view = View {
        members,
        is_settled: true,
    };
    step(&fresh, &view, now_ms).next.unwrap_or(fresh)
}

/// The rollout of a release that all are to run at once, such as one that goes back to an earlier
/// one. It names those that failed with the unfinished one that it puts an end to.
#[must_use]
pub fn everyone(old: Option<&Rollout>, release: u64, why: &str, now_ms: i64) -> Rollout {
    let unfinished = old.filter(|old| !old.phase.is_over());
    Rollout {
        release,
        stable: stable(old),
        policy: old.map_or_else(Policy::default, |old| old.policy.clone()),
        phase: Phase::Done,
        stage: 0,
        approved: 0,
        admitted: Admitted::Everyone,
        pending: BTreeMap::new(),
        healthy_ms: None,
        failures: unfinished.map_or_else(Vec::new, |old| old.failures.clone()),
        failed_more: BTreeSet::new(),
        forgiven: 0,
        is_stuck: false,
        reason: why.to_owned(),
        started_ms: now_ms,
        changed_ms: now_ms,
    }
}

/// The last release that reached everyone. One that is superseded on its way never did.
fn stable(old: Option<&Rollout>) -> Option<u64> {
    let old = old?;
    match old.phase {
        Phase::Done => Some(old.release),
        _ => old.stable,
    }
}
