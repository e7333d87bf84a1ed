use crate::naming::Naming;
use dockeeper_zk_client::{self as zk, Client, Ended, State};

/// Why something was not acquired. Nothing is left behind: a contender's znode is removed in the
/// background, or goes with the session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A child that none of this family's programs has made: who is next cannot be told.
    #[error(
        "{path} has the child '{name}', which is not one of {naming}'s there: other programs use it \
         with other names or for something else; choose their names, or another path"
    )]
    Foreign {
        /// The znode whose children contend.
        path: String,
        /// The child.
        name: String,
        /// Whose names were expected.
        naming: Naming,
    },
    /// Somebody deleted the contender's znode while it waited.
    #[error("{node} was deleted while it waited")]
    Removed {
        /// The contender's own znode.
        node: String,
    },
    /// Somebody else has it, and the options say not to wait.
    #[error("{path} is taken by {by}")]
    Taken {
        /// The znode whose children contend.
        path: String,
        /// The name of the child that comes before, or how many have the permits.
        by: String,
    },
    /// The semaphore was made for another number of permits, which kazoo's say and never change.
    #[error(
        "the semaphore {path} has {found} permits, not {wanted}: ask for as many, or delete the \
         znode when nobody holds or waits"
    )]
    Permits {
        /// The semaphore.
        path: String,
        /// How many were asked for.
        wanted: u32,
        /// What the znode says.
        found: i64,
    },
    /// The parent's counter of children is at its end.
    #[error(
        "the counter of {path}, which numbers its children, has come to its end: delete the znode \
         when nobody waits there"
    )]
    Exhausted {
        /// The znode whose children contend.
        path: String,
    },
    /// The session is over.
    #[error("no place in {path}: {ended}")]
    SessionOver {
        /// The znode whose children contend.
        path: String,
        /// How it ended.
        ended: Ended,
    },
    /// ZooKeeper refused a request for a reason that does not pass.
    #[error(transparent)]
    Refused(#[from] zk::Error),
}

// === impl Error ===

impl Error {
    /// What an error of the client's means for one who contends at a path.
    pub(crate) fn of(client: &Client, path: &str, error: zk::Error) -> Self {
        match error.is_session_over() {
            true => Self::session_over(client, path),
            false => Self::Refused(error),
        }
    }

    pub(crate) fn session_over(client: &Client, path: &str) -> Self {
        let ended = match &*client.state().borrow() {
            State::Ended(ended) => *ended,
            State::Connecting { .. } | State::Connected(_) => Ended::Expired,
        };
        Self::SessionOver {
            path: path.to_owned(),
            ended,
        }
    }

    /// The same with the paths of those to whom `chroot` is a znode like others: a client's chroot,
    /// for people who look at the whole tree. What ZooKeeper refused stays as it is.
    #[must_use]
    pub fn below(mut self, chroot: &str) -> Self {
        let chroot = chroot.trim_end_matches('/');
        match &mut self {
            Self::Removed { node: path }
            | Self::Foreign { path, .. }
            | Self::Taken { path, .. }
            | Self::Permits { path, .. }
            | Self::Exhausted { path }
            | Self::SessionOver { path, .. } => path.insert_str(0, chroot),
            Self::Refused(_) => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_below_the_chroot() {
        let node = || "/locks/a/x".to_owned();
        let removed = |chroot| Error::Removed { node: node() }.below(chroot).to_string();
        assert!(removed("/app").starts_with("/app/locks/a/x was"));
        assert!(removed("/").starts_with("/locks/a/x was"));
    }
}
