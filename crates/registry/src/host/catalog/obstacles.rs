use crate::host::obstacle::Obstacle;
use std::collections::BTreeMap;

/// The znodes that containers of this host want and cannot have.
#[derive(Debug, Default)]
pub(super) struct Obstacles(BTreeMap<String, Obstacle>);

// === impl Obstacles ===

impl Obstacles {
    /// Notes what keeps a znode from being there; `None` when it is there. True when that is new,
    /// which is logged: who waits for a znode hears the same again and again.
    pub(super) fn set(&mut self, path: &str, obstacle: Option<Obstacle>) -> bool {
        let Some(obstacle) = obstacle else {
            let was_missing = self.0.remove(path).is_some();
            if was_missing {
                tracing::info!(path, "registered: nothing is in the way any more");
            }
            return was_missing;
        };
        if self.0.get(path) == Some(&obstacle) {
            return false;
        }
        // Of those without room there may be thousands; they are counted and said together.
        if obstacle != Obstacle::NoRoom {
            tracing::warn!(path, "not registered: {}", obstacle.why(path));
        }
        self.0.insert(path.to_owned(), obstacle);
        true
    }

    /// Nobody on this host wants the znode any more.
    pub(super) fn forget(&mut self, path: &str) {
        self.0.remove(path);
    }

    /// Why an instance cannot have its znode.
    pub(super) fn why(&self, path: &str) -> Option<String> {
        Some(self.0.get(path)?.why(path))
    }
}
