use super::{Error, Scope, Skipped, read};
use bytes::Bytes;
use dockeeper_recipes::Tree;
use dockeeper_zk_client::Client;
use std::collections::BTreeMap;

/// What lay in ZooKeeper at some time: the znodes' contents by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub(super) znodes: BTreeMap<String, Bytes>,
    /// What the server did not show.
    pub(super) hidden: Vec<Skipped>,
}

// === impl Snapshot ===

impl Snapshot {
    /// Reads scopes once. Many reads are on their way at the same time, so this is no picture of a
    /// single moment; what vanishes meanwhile is left out.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`] when a request fails, or when the server refuses to show a scope's
    /// root; [`Error::TooLarge`].
    pub async fn read(client: &Client, scopes: &[Scope]) -> Result<Self, Error> {
        read::Reading::new(client, scopes).run().await
    }

    /// What mirrors hold.
    pub fn of_trees<'a>(trees: impl IntoIterator<Item = &'a Tree>) -> Self {
        let mut snapshot = Self::default();
        for tree in trees {
            tree.read(|nodes| {
                let contents = nodes.iter();
                let contents = contents.map(|(path, node)| (path.clone(), node.data.clone()));
                snapshot.znodes.extend(contents);
            });
            let hidden = tree.hidden().into_iter().map(Skipped::hidden);
            snapshot.hidden.extend(hidden);
        }
        snapshot
    }

    /// Whether there is nothing at all, not even the roots of the scopes.
    pub fn is_empty(&self) -> bool {
        self.znodes.is_empty()
    }
}

impl<P: Into<String>, C: Into<Bytes>> FromIterator<(P, C)> for Snapshot {
    fn from_iter<I: IntoIterator<Item = (P, C)>>(znodes: I) -> Self {
        let znodes = znodes.into_iter();
        Self {
            znodes: znodes.map(|(p, c)| (p.into(), c.into())).collect(),
            hidden: Vec::new(),
        }
    }
}
