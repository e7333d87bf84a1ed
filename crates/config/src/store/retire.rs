//! Forgets old releases.

use super::{
    Error, REQUESTS_MAX, ROUNDS_MAX, Store,
    backend::Backend,
    retry::{patiently, pause},
};
use dockeeper_model::{
    config::{AppName, Applied, Head, Retention, Rollout},
    layout,
};
use dockeeper_zk_client::{ErrorCode, Multi};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;

/// How many releases one transaction forgets: a few KiB.
const BATCH_MAX: usize = 100;

/// A release, and when it was made by the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Made {
    release: u64,
    made_ms: i64,
}

// === impl Store ===

impl Store {
    /// Forgets the releases that an app's settings do not keep, and tells which. Neither the head,
    /// nor what a rollout may go back to, nor what a container runs or is to run is among them, also
    /// when somebody makes a release at the same time.
    ///
    /// # Errors
    ///
    /// [`Error::Contended`], [`Error::ZooKeeper`], [`Error::Foreign`].
    pub async fn retire(&self, app: &AppName) -> Result<Vec<u64>, Error> {
        for round in 1..=ROUNDS_MAX {
            let (head, rollout) = (layout::head(app), layout::rollout(app));
            let Some((newest, head_stat)) = self.record::<Head>(&head).await? else {
                return Ok(Vec::new());
            };
            let mut multi = Multi::new().check(&head, Some(head_stat.version));
            let mut needed = BTreeSet::from([newest.release]);
            if let Some((record, stat)) = self.record::<Rollout>(&rollout).await? {
                needed.extend([record.release].into_iter().chain(record.stable));
                multi = multi.check(&rollout, Some(stat.version));
            }
            let old = self.old(app, &needed).await?;
            if self.forget(app, &multi, &old).await? {
                return Ok(old);
            }
            pause(round).await;
        }
        Err(Error::Contended {
            app: app.clone(),
            rounds: ROUNDS_MAX,
        })
    }

    /// The releases that nothing keeps.
    async fn old(&self, app: &AppName, needed: &BTreeSet<u64>) -> Result<Vec<u64>, Error> {
        let settings = self.settings(app).await?.map(|(settings, _)| settings);
        let retention = settings.unwrap_or_default().retention;
        let releases = Backend::releases(self, app).await?;
        if releases.len() <= retention.releases as usize {
            return Ok(Vec::new());
        }
        let looks = releases.iter().map(|release| async move {
            let path = layout::release(app, *release);
            let stat = patiently(|| self.client.exists(&path)).await?;
            Ok::<_, Error>(stat.map(|stat| Made {
                release: *release,
                made_ms: stat.ctime_ms,
            }))
        });
        let made = stream::iter(Vec::from_iter(looks)).buffered(REQUESTS_MAX);
        let made: Vec<_> = made
            .try_filter_map(async |made| Ok(made))
            .try_collect()
            .await?;
        // Read last: the later, the more it knows.
        let applied = self.applied(app).await?;
        let mut needed = needed.clone();
        needed.extend(applied.values().flat_map(in_use));
        // Written, to learn the server's time.
        let stat = self.touch(&layout::releases(app)).await?;
        Ok(choose(&made, &needed, retention, stat.mtime_ms))
    }

    /// Whether it could: not if a release was made meanwhile, or somebody else forgot some.
    async fn forget(&self, app: &AppName, checks: &Multi, old: &[u64]) -> Result<bool, Error> {
        for batch in old.chunks(BATCH_MAX) {
            let multi = batch.iter().fold(checks.clone(), |multi, release| {
                multi.delete(&layout::release(app, *release), None)
            });
            match self.write_all(multi).await {
                Ok(_) => {}
                Err(Error::ZooKeeper(error))
                    if error.is(ErrorCode::BadVersion) || error.is(ErrorCode::NoNode) =>
                {
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// What a host's containers run or are to run.
fn in_use(applied: &Applied) -> impl Iterator<Item = u64> {
    let acks = applied.containers.values();
    acks.flat_map(|ack| [Some(ack.target), ack.running])
        .flatten()
}

/// The releases to be forgotten, in order, of those that were `made`, in order.
fn choose(made: &[Made], needed: &BTreeSet<u64>, retention: Retention, now_ms: i64) -> Vec<u64> {
    let kept = retention.releases as usize;
    let (older, _) = made.split_at(made.len().saturating_sub(kept));
    let is_old = |made: &&Made| {
        let age_ms = now_ms.saturating_sub(made.made_ms);
        u64::try_from(age_ms).is_ok_and(|age_ms| age_ms >= retention.age_ms)
    };
    let old = older.iter().filter(is_old).map(|made| made.release);
    old.filter(|release| !needed.contains(release)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_new_or_young_or_needed_is_kept_and_nothing_else(
            ages in prop::collection::vec(0_i64..100, 0..30),
            needed in prop::collection::btree_set(1_u64..30, 0..5),
            releases in 0_u32..30,
            age_ms in 0_u64..100,
        ) {
            let mut ages = ages;
            ages.sort_unstable_by(|a, b| b.cmp(a));
            let now_ms = 1000;
            let numbered = (1..).zip(&ages);
            let made: Vec<_> = numbered
                .map(|(release, age)| Made { release, made_ms: now_ms - age })
                .collect();
            let retention = Retention { releases, age_ms };
            let old = choose(&made, &needed, retention, now_ms);
            for (position, made) in made.iter().rev().enumerate() {
                let is_new = position < releases as usize;
                let is_young = ((now_ms - made.made_ms) as u64) < age_ms;
                let is_kept = is_new || is_young || needed.contains(&made.release);
                prop_assert_eq!(is_kept, !old.contains(&made.release));
            }
        }
    }
}
