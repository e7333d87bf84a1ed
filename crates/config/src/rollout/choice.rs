//! Which containers come first.

use super::{Member, Members};
use dockeeper_model::config::{ContainerRef, Step};
use std::collections::BTreeMap;

/// Orders candidates: those that are well first, so that what befalls one is the release's doing;
/// then those on hosts that have the fewest of the `reached`, so that no host loses all of its
/// containers to a bad release; then by chance, the same one for everybody but another for each
/// release, so that not the same container is the canary every time.
pub(super) fn ordered<'a>(
    release: u64,
    members: &Members,
    reached: impl Iterator<Item = &'a Member>,
    mut candidates: Vec<&'a ContainerRef>,
) -> Vec<&'a ContainerRef> {
    let mut on_host: BTreeMap<_, usize> = BTreeMap::new();
    for member in reached {
        *on_host.entry(&member.node).or_default() += 1;
    }
    candidates.sort_by_cached_key(|container| {
        (
            members.get(*container).map(health),
            chance(release, container),
        )
    });
    let mut placed: Vec<_> = candidates
        .into_iter()
        .filter_map(|container| {
            let member = members.get(container)?;
            let count = on_host.entry(&member.node).or_default();
            *count += 1;
            Some((health(member), *count, container))
        })
        .collect();
    // Stable: chance still decides between equals.
    placed.sort_by_key(|(health, count, _)| (*health, *count));
    let names = placed.into_iter().map(|(_, _, container)| container);
    names.collect()
}

/// The lower, the better to be tried on.
fn health(member: &Member) -> u8 {
    match member.ack.as_ref().map(|ack| ack.step) {
        Some(Step::Healthy) => 0,
        Some(Step::Failed) => 2,
        // Whose agent has not spoken of it is the least likely to answer.
        None => 3,
        Some(_) => 1,
    }
}

/// A number drawn for a container in a release: FNV-1a (Fowler, Noll, Vo), whose last step is
/// repeated so that names that differ in their last digit only lie far from each other.
fn chance(release: u64, container: &ContainerRef) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let seed = release.to_le_bytes();
    let bytes = seed
        .iter()
        .chain(container.as_str().as_bytes())
        .chain(&seed);
    bytes.fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}
