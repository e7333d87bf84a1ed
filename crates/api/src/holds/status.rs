use crate::problem::Problem;
use dockeeper_recipes::{Held, Lost, Standing};
use dockeeper_zk_client::path;
use serde::Serialize;

/// How a hold stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Others come before.
    Waiting,
    /// Acquired, and not lost yet.
    Held(Grant, Standing),
    /// It never was acquired.
    Refused(Problem),
    /// It was acquired, and somebody else may have it now.
    Lost(Lost),
}

/// What was acquired. Paths are those in the whole tree, outside of any chroot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Grant {
    /// What was contended for.
    pub(crate) path: String,
    /// The holder's own znode.
    pub(crate) node: String,
    /// The fencing token.
    pub(crate) token: i64,
    /// The session, as ZooKeeper's log names it.
    pub(crate) session: String,
}

// === impl Status ===

impl Status {
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Lost(_))
    }
}

// === impl Grant ===

impl Grant {
    pub(crate) fn of(held: &Held, chroot: &str) -> Self {
        Self {
            path: path::whole(chroot, held.path()),
            node: path::whole(chroot, held.node()),
            token: held.token(),
            session: format!("{:#x}", held.session()),
        }
    }
}
