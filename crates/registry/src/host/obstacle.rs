use super::holder::Holder;

/// Why a znode that should be there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Somebody else's is there.
    Held(Holder),
    /// ZooKeeper refused it, or its path or content is none that ZooKeeper takes.
    Refused(String),
    /// The session's znodes have as many bytes of paths as is safe.
    NoRoom,
}

// === impl Obstacle ===

impl Obstacle {
    /// Why the instance with this znode cannot be found, for people.
    pub(super) fn why(&self, path: &str) -> String {
        match self {
            Self::Held(holder) => holder.why(path),
            Self::Refused(error) => format!("it cannot be written: {error}"),
            Self::NoRoom => "this node's session has no room for more znodes".to_owned(),
        }
    }
}
