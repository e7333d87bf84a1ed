use super::Candidate;
use dockeeper_zk_client as zk;
use std::fmt;

/// Why what is registered cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A request to ZooKeeper failed.
    #[error(transparent)]
    ZooKeeper(#[from] zk::Error),
    /// There is more than one reader takes in.
    #[error("there are more than {max} znodes below {root}: too many to read at once")]
    TooLarge {
        /// Where.
        root: String,
        /// The limit.
        max: usize,
    },
    /// Nothing has this name.
    #[error("no container has the name '{0}' or an id that begins with it")]
    Unknown(String),
    /// A name or the beginning of an id stands for more than one container.
    #[error(
        "'{name}' is more than one container: {}; write NODE/NAME or more of the id",
        Several(.candidates)
    )]
    Ambiguous {
        /// What was looked for.
        name: String,
        /// What it may mean, in order.
        candidates: Vec<Candidate>,
    },
    /// Somebody else changed a mark again and again while it was to be changed.
    #[error("{path} was changed by others {rounds} times while it was to be changed: try again")]
    Contended {
        /// The mark's znode.
        path: String,
        /// How often it was tried.
        rounds: usize,
    },
}

/// How many candidates a sentence names.
const CANDIDATES_SHOWN_MAX: usize = 10;

struct Several<'a>(&'a [Candidate]);

impl fmt::Display for Several<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, candidate) in self.0.iter().take(CANDIDATES_SHOWN_MAX).enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{candidate}")?;
        }
        match self.0.len().saturating_sub(CANDIDATES_SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
