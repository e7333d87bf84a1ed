//! Other apps' values, as the host's feeds have them.

use super::sources::{Apps, Teller};
use crate::host::feed::{Feed, FeedError, Feeds, Known};
use dockeeper_model::config::{Admitted, AppName, Key, Rollout};
use futures_util::future::BoxFuture;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::sleep;

/// How long before a release is fetched again that could not be.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

type Values = BTreeMap<Key, String>;

impl Apps for Feeds {
    fn follow(&self, app: AppName, told: Teller<Option<Values>>) -> BoxFuture<'static, ()> {
        let feed = Feeds::follow(self, &app);
        Box::pin(tell(feed, told))
    }
}

async fn tell(feed: Feed, told: Teller<Option<Values>>) {
    let mut known = feed.rollout();
    loop {
        let now = known.borrow_and_update().clone();
        let telling = async {
            match now {
                Known::NoSuchApp => told.known(None),
                Known::Known {
                    rollout,
                    is_current: true,
                } => tell_values(&feed, settled(&rollout), &told).await,
                // What was told before remains.
                Known::Unknown(_) | Known::Known { .. } => {}
            }
        };
        // A newer release makes this one useless.
        let changed = tokio::select! {
            changed = known.changed() => changed,
            changed = async {
                telling.await;
                std::future::pending().await
            } => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}

async fn tell_values(feed: &Feed, release: u64, told: &Teller<Option<Values>>) {
    loop {
        match feed.bundle(release).await {
            Ok(bundle) => return told.known(Some(bundle.keys.clone())),
            Err(FeedError::Lasting(why)) => return told.refused(why),
            Err(FeedError::Passing(_)) => sleep(RETRY_INTERVAL).await,
        }
    }
}

/// The release that counts for others: what a new container of the app gets that is not admitted to
/// the newest one. What a canary tries is no other app's business.
fn settled(rollout: &Rollout) -> u64 {
    match rollout.admitted {
        Admitted::Everyone => rollout.release,
        Admitted::These(_) => rollout.stable.unwrap_or(rollout.release),
    }
}
