//! The reaper: containers that lost their last child, and znodes whose time to live is over.

use super::{Effects, Machine, Now};
use crate::{NodeKind, tree::NodeId};

/// How many znodes one run deletes: as many as Apache's does in a minute. The others wait for the
/// next run, so that requests need not wait for many deletions.
const REAPED_MAX: usize = 10_000;

// === impl Machine ===

impl Machine {
    /// Deletes what is over. What that leaves empty is for the next run.
    pub(super) fn reap(&mut self, now: Now, effects: &mut Effects) {
        let over: Vec<_> = self
            .tree
            .mortals()
            .filter(|id| self.is_over(*id, now))
            .take(REAPED_MAX)
            .collect();
        for id in over {
            // Without room in the log, none of the others fits either.
            if self.delete_by_server(id, now, effects).is_err() {
                return;
            }
        }
    }

    /// A container that never had a child waits for its first.
    fn is_over(&self, id: NodeId, now: Now) -> bool {
        let node = self.tree.node(id);
        node.children == 0
            && match node.owner().kind {
                NodeKind::Container => node.creations > 0,
                NodeKind::Ttl(ms) => now.wall_ms.saturating_sub(node.mtime_ms) > ms,
                NodeKind::Persistent | NodeKind::Ephemeral => false,
            }
    }
}
