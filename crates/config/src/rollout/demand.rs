//! What a stage asks for.

use super::Members;
use dockeeper_model::config::{ContainerRef, Rollout, Stage};

/// What a stage asks for, of the containers that there are now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Demand<'a> {
    /// All, without a bound to how many at a time: nobody has to be named.
    Everyone,
    /// So many more, of these.
    More {
        count: usize,
        of: Vec<&'a ContainerRef>,
        /// Whether more may turn out to be asked for.
        is_open: bool,
    },
}

// === impl Demand ===

impl<'a> Demand<'a> {
    /// What `stage` asks for. Those that failed count neither as reached nor as to be reached:
    /// another one takes their place.
    pub(super) fn of(stage: &Stage, rollout: &Rollout, members: &'a Members) -> Self {
        if is_all(stage) && rollout.policy.max_parallel.is_none() {
            return Self::Everyone;
        }
        let pool = members.iter().filter(|(name, _)| !rollout.has_failed(name));
        let pool: Vec<_> = pool.collect();
        let waiting = pool.iter().filter(|(name, _)| !rollout.admitted.has(name));
        let waiting: Vec<_> = waiting.copied().collect();
        let reached = pool.len() - waiting.len();
        if let Stage::Label(label) = stage {
            let has = |wanted: Option<bool>| {
                let matching = waiting
                    .iter()
                    .filter(move |(_, member)| member.has_label(label) == wanted);
                matching.map(|(name, _)| *name).collect::<Vec<_>>()
            };
            let of = has(Some(true));
            return Self::More {
                count: of.len(),
                of,
                is_open: !has(None).is_empty(),
            };
        }
        Self::More {
            count: size(stage, pool.len()).saturating_sub(reached),
            of: waiting.into_iter().map(|(name, _)| name).collect(),
            is_open: false,
        }
    }
}

fn is_all(stage: &Stage) -> bool {
    matches!(stage, Stage::Percent(100..))
}

/// How many of so many containers a stage that does not ask for labels wants.
pub(super) fn size(stage: &Stage, of: usize) -> usize {
    match stage {
        Stage::Count(count) => usize::try_from(*count).unwrap_or(usize::MAX).min(of),
        Stage::Percent(percent) => (of * usize::from(*percent)).div_ceil(100).min(of),
        Stage::Label(_) => of,
    }
}
