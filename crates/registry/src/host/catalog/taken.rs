use crate::host::holder::Holder;
use std::collections::BTreeMap;

/// The znodes that containers of this host want and somebody else holds.
#[derive(Debug, Default)]
pub(super) struct Taken(BTreeMap<String, Holder>);

// === impl Taken ===

impl Taken {
    /// Notes who holds a znode; `None` when this host does. True when that is new, which is logged:
    /// who waits for a znode hears the same again and again.
    pub(super) fn set(&mut self, path: &str, holder: Option<Holder>) -> bool {
        let Some(holder) = holder else {
            let was_taken = self.0.remove(path).is_some();
            if was_taken {
                tracing::info!(path, "registered: the znode is free now");
            }
            return was_taken;
        };
        if self.0.get(path) == Some(&holder) {
            return false;
        }
        tracing::warn!(path, "not registered: {}", holder.why(path));
        self.0.insert(path.to_owned(), holder);
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
