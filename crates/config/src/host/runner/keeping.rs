//! Keeps on disk what containers run, and follows the apps of the host's volumes.

use super::hub::Hub;
use crate::host::feed::Feed;
use dockeeper_model::config::AppName;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::time::sleep;

/// How long further news is waited for: containers take a release at the same time, and a disk is
/// slow.
const COALESCE_FOR: Duration = Duration::from_millis(500);

/// Works until it is dropped. An app is followed as long as a volume has it, also while no container
/// runs: the next may be started while ZooKeeper is away.
pub(super) async fn keep<E>(hub: Arc<Hub<E>>) {
    let mut changes = hub.changes();
    let mut kept: BTreeMap<AppName, (Feed, Option<BTreeSet<u64>>)> = BTreeMap::new();
    loop {
        let mut in_use = hub.in_use();
        let volumes = hub.table.list().into_iter();
        let apps: BTreeSet<_> = volumes.map(|volume| volume.options.config).collect();
        kept.retain(|app, _| apps.contains(app));
        hub.renderings.keep(|app| apps.contains(app));
        for app in apps {
            let releases = in_use.remove(&app).unwrap_or_default();
            let (feed, last) = kept
                .entry(app)
                .or_insert_with_key(|app| (hub.feeds.follow(app), None));
            if last.as_ref() != Some(&releases) {
                feed.keep(&releases).await;
                *last = Some(releases);
            }
        }
        if changes.changed().await.is_err() {
            return;
        }
        sleep(COALESCE_FOR).await;
        changes.mark_unchanged();
    }
}
