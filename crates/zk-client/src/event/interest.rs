use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::Notify;

/// Somebody waits for what happens to a znode; the client's task is told when nobody does.
#[derive(Debug)]
pub(crate) struct Interest {
    /// The znode as the server knows it.
    path: String,
    abandoned: Arc<Abandoned>,
    is_over: bool,
}

/// The znodes that somebody has waited for and no longer does.
#[derive(Debug, Default)]
pub(crate) struct Abandoned {
    paths: Mutex<Vec<String>>,
    arrived: Notify,
}

// === impl Interest ===

impl Interest {
    pub(crate) fn new(path: &str, abandoned: &Arc<Abandoned>) -> Self {
        Self {
            path: path.to_owned(),
            abandoned: abandoned.clone(),
            is_over: false,
        }
    }

    /// What somebody waited for has come: the server's watch is gone by itself.
    pub(super) fn over(&mut self) {
        self.is_over = true;
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        if !self.is_over {
            let path = std::mem::take(&mut self.path);
            self.abandoned.paths.lock().push(path);
            self.abandoned.arrived.notify_one();
        }
    }
}

// === impl Abandoned ===

impl Abandoned {
    /// Waits for znodes that somebody has given up. Safe to cancel.
    pub(crate) async fn next(&self) -> Vec<String> {
        loop {
            let paths = std::mem::take(&mut *self.paths.lock());
            if !paths.is_empty() {
                return paths;
            }
            self.arrived.notified().await;
        }
    }
}
