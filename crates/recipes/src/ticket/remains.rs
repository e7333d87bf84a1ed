use crate::{background, baton, patience};
use dockeeper_zk_client::{Client, Error, ErrorCode, path};

/// What a contender leaves: one znode whose path is known, or whatever has its identifier.
#[derive(Debug)]
pub(super) struct Remains {
    pub(super) client: Client,
    pub(super) parent: String,
    /// How the names begin of all znodes with the contender's identifier.
    pub(super) protection: String,
    /// The one that there is; `None` when nobody knows.
    pub(super) node: Option<String>,
    /// Whether it was the only one whose turn it was.
    pub(super) passes_on: bool,
}

// === impl Remains ===

impl Remains {
    /// Deletes everything. Goes on until it is done or the session is over, with which it goes.
    pub(super) async fn clear(self) -> Result<(), Error> {
        let nodes = match &self.node {
            Some(node) => vec![node.clone()],
            None => {
                let names = self.find().await?;
                let nodes = names.iter().map(|name| path::join(&self.parent, name));
                nodes.collect()
            }
        };
        for node in nodes {
            self.delete(&node).await?;
        }
        Ok(())
    }

    async fn delete(&self, node: &str) -> Result<(), Error> {
        if self.passes_on && self.node.is_some() {
            match baton::pass_on(&self.client, node).await {
                Err(error) if error.is_session_over() => return Err(error),
                Ok(()) => return Ok(()),
                // It is gone, or the contenders have fewer rights here than usual.
                Err(_) => {}
            }
        }
        background::delete(&self.client, node).await
    }

    /// The names of the znodes with the contender's identifier. The server carries this out behind
    /// everything that the session has asked for, and shows all of it: it waits for its leader.
    pub(super) async fn find(&self) -> Result<Vec<String>, Error> {
        patience::repeat(|| self.client.sync(&self.parent)).await?;
        let names = match patience::repeat(|| self.client.list(&self.parent)).await {
            Ok((names, _)) => names,
            Err(error) if error.is(ErrorCode::NoNode) => Vec::new(),
            Err(error) => return Err(error),
        };
        let ours = names.into_iter();
        Ok(ours
            .filter(|name| name.starts_with(&self.protection))
            .collect())
    }
}
