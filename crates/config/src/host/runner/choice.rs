//! Which release a container is started with.

use dockeeper_model::config::{Admitted, ContainerRef, Rollout};
use std::collections::BTreeSet;

/// A container for which Docker may be asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) container: ContainerRef,
    /// What it ran until now, of one that is being restarted so that it takes a new release.
    pub(super) restarted_from: Option<u64>,
}

/// Which release a container is started with. What all that may be meant would get is right in any
/// case; otherwise it is what a container gets that nothing is known of, and a release that is being
/// tried out reaches nobody by mistake.
pub(super) fn choose(rollout: &Rollout, candidates: &[Candidate]) -> u64 {
    let restarted = candidates
        .iter()
        .filter(|candidate| candidate.restarted_from.is_some());
    let restarted: Vec<_> = restarted.collect();
    if let [candidate] = restarted[..] {
        return wanted(rollout, candidate);
    }
    let wanted: BTreeSet<_> = candidates
        .iter()
        .map(|candidate| wanted(rollout, candidate))
        .collect();
    match (wanted.first(), wanted.len()) {
        (Some(release), 1) => *release,
        _ => unknown(rollout),
    }
}

fn wanted(rollout: &Rollout, candidate: &Candidate) -> u64 {
    release_for(rollout, &candidate.container, candidate.restarted_from)
}

/// What a container is to run that runs `current`. After the app was removed its numbers begin again:
/// a higher one is of another life.
pub(super) fn release_for(
    rollout: &Rollout,
    container: &ContainerRef,
    current: Option<u64>,
) -> u64 {
    let current = current.filter(|release| *release <= rollout.release);
    rollout.release_for(container, current)
}

/// What a container gets that nothing is known of.
fn unknown(rollout: &Rollout) -> u64 {
    match rollout.admitted {
        Admitted::Everyone => rollout.release,
        Admitted::These(_) => rollout.stable.unwrap_or(rollout.release),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::{Members, first};
    use dockeeper_model::config::Policy;

    fn container(digit: char) -> ContainerRef {
        digit.to_string().repeat(12).parse().unwrap()
    }

    fn candidate(digit: char, restarted_from: Option<u64>) -> Candidate {
        let container = container(digit);
        Candidate {
            container,
            restarted_from,
        }
    }

    /// Release 3 is tried out by container `a`; 1 is what reached all.
    fn rollout() -> Rollout {
        let first = first(None, 1, Policy::default(), &Members::new(), 0);
        Rollout {
            release: 3,
            stable: Some(1),
            admitted: Admitted::These([container('a')].into()),
            ..first
        }
    }

    #[test]
    fn what_is_tried_out_reaches_only_who_is_meant() {
        let rollout = rollout();
        for (candidates, expected) in [
            (vec![], 1),
            (vec![candidate('a', None)], 3),
            (vec![candidate('b', None)], 1),
            (vec![candidate('a', None), candidate('b', None)], 1),
            (vec![candidate('a', Some(3)), candidate('b', None)], 3),
            (vec![candidate('b', Some(2)), candidate('a', None)], 2),
            (vec![candidate('b', Some(2)), candidate('c', Some(2))], 2),
        ] {
            assert_eq!(choose(&rollout, &candidates), expected, "{candidates:?}");
        }
        let done = Rollout {
            admitted: Admitted::Everyone,
            ..rollout
        };
        assert_eq!(choose(&done, &[]), 3);
    }

    #[test]
    fn a_number_of_an_earlier_life_counts_for_nothing() {
        assert_eq!(release_for(&rollout(), &container('b'), Some(2)), 2);
        assert_eq!(release_for(&rollout(), &container('b'), Some(9)), 1);
    }
}
