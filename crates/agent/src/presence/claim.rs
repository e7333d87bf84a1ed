use crate::Error;
use dockeeper_model::NodeName;

/// Why the host's name could not be taken, or kept.
#[derive(Debug)]
pub(crate) enum Claim {
    /// Another agent lives under it.
    Taken { holder: String, session: i64 },
    /// ZooKeeper said no, or nothing.
    Failed(dockeeper_zk_client::Error),
}

impl From<dockeeper_zk_client::Error> for Claim {
    fn from(error: dockeeper_zk_client::Error) -> Self {
        Self::Failed(error)
    }
}

impl Claim {
    /// The reason to end; `None` when another try may help.
    pub(crate) fn fatal(self, node: &NodeName) -> Option<Error> {
        match self {
            Self::Taken { holder, session } => Some(Error::NodeTaken {
                node: node.to_string(),
                holder,
                session,
            }),
            Self::Failed(error) if error.is_session_over() || error.is_transient() => None,
            Self::Failed(error) => error.code().is_some().then_some(Error::Refused(error)),
        }
    }
}
