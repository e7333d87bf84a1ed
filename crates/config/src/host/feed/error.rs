use crate::store;

/// Why a release is not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// It may be had later, as when ZooKeeper is away.
    #[error("{0}")]
    Passing(String),
    /// It will not be had before something is changed.
    #[error("{0}")]
    Lasting(String),
}

// === impl FeedError ===

impl From<store::Error> for FeedError {
    fn from(error: store::Error) -> Self {
        let text = error.to_string();
        match error {
            store::Error::ZooKeeper(error)
                if error.is_disconnected() || error.is_transient() || error.is_session_over() =>
            {
                Self::Passing(text)
            }
            _ => Self::Lasting(text),
        }
    }
}
