//! What happens to znodes, from the moment somebody looks.

use dockeeper_zk_client::{AddWatchMode, Client, Event, EventKind, Notice};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Every event below the instances and the containers since its beginning.
pub(crate) struct History {
    seen: Arc<Mutex<Seen>>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    events: Vec<Event>,
    /// Whether events may be missing.
    is_broken: bool,
}

impl History {
    pub(crate) async fn begin(client: &Client) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut tasks = Vec::new();
        for root in ["/services", "/containers", "/nodes"] {
            let mode = AddWatchMode::PersistentRecursive;
            let mut watcher = client.watch(root, mode).await.unwrap();
            assert_eq!(watcher.next().await, Some(Notice::Resync));
            let seen = seen.clone();
            tasks.push(tokio::spawn(async move {
                while let Some(notice) = watcher.next().await {
                    match notice {
                        Notice::Event(event) => seen.lock().events.push(event),
                        Notice::Resync => seen.lock().is_broken = true,
                    }
                }
            }));
        }
        Self { seen, tasks }
    }

    /// The znodes that were deleted. Containers of znodes do not count: ZooKeeper takes away those
    /// that are empty by itself.
    pub(crate) fn deleted(&self) -> Vec<String> {
        let seen = self.seen.lock();
        let deleted = |e: &&Event| e.kind == EventKind::Deleted;
        seen.events
            .iter()
            .filter(deleted)
            .map(|e| e.path.clone())
            .collect()
    }

    /// Whether the watch was lost meanwhile, so that something may be missing.
    pub(crate) fn is_broken(&self) -> bool {
        self.seen.lock().is_broken
    }
}

impl Drop for History {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
