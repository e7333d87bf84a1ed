//! A tree's names and metadata, batch by batch.

use super::place::Place;
use dockeeper_zk_client::{Error, ErrorCode, Stat, path};
use futures_util::future::join_all;

/// How many znodes are asked for at once: enough to fill a connection, and below the client's own
/// bound.
pub(crate) const BATCH_MAX: usize = 256;

/// How many names may wait to be looked at. They are those of the siblings of what was looked at
/// already; the bound is some hundred MiB of memory.
const WAITING_MAX: usize = 4_000_000;

/// A znode that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) path: String,
    pub(crate) stat: Stat,
    /// The names of its children, in order; none where they may not be seen.
    pub(crate) children: Vec<String>,
    /// Why neither its children nor its data may be seen.
    pub(crate) refused: Option<Error>,
}

/// Goes through a tree: a znode comes before those below it, and the same tree always comes in the
/// same order. ZooKeeper's own znodes are left out.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    place: &'a Place,
    /// Where the tree goes: what would be ZooKeeper's own there is left out too.
    target: Option<&'a Place>,
    /// Whether there was any.
    pub(crate) hits_reserved: bool,
    /// Whether ZooKeeper's own znodes are what was asked for.
    wants_reserved: bool,
    /// The next one last.
    waiting: Vec<String>,
}

// === impl Names ===

impl<'a> Names<'a> {
    pub(crate) fn new(place: &'a Place, top: &str) -> Self {
        Self {
            place,
            target: None,
            hits_reserved: false,
            wants_reserved: place.is_reserved(top),
            waiting: vec![top.to_owned()],
        }
    }

    /// A tree that is copied to another place.
    pub(crate) fn onto(self, target: &'a Place) -> Self {
        Self {
            target: Some(target),
            ..self
        }
    }

    /// The next znodes; none at the end. One that has gone meanwhile is passed over. What lies
    /// below them comes only when it is asked for with [`descend`](Self::descend).
    pub(crate) async fn next(&mut self) -> anyhow::Result<Vec<Named>> {
        loop {
            let from = self.waiting.len().saturating_sub(BATCH_MAX);
            let batch = self.waiting.split_off(from);
            if batch.is_empty() {
                return Ok(Vec::new());
            }
            let place = self.place;
            let wanted = |path: &String| self.wants_reserved || !place.is_reserved(path);
            let mut batch: Vec<_> = batch.into_iter().rev().filter(wanted).collect();
            if let Some(target) = self.target {
                let before = batch.len();
                batch.retain(|path| !target.is_reserved(path));
                self.hits_reserved |= batch.len() < before;
            }
            let looked = join_all(batch.into_iter().map(|path| look(place, path))).await;
            let found = looked.into_iter().filter_map(Result::transpose);
            let found: Vec<_> = found.collect::<Result<_, _>>()?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
    }

    /// Wants the children of this znode too, before all that is wanted already: of several, the
    /// last one first.
    pub(crate) fn descend(&mut self, parent: &str, children: &[String]) -> anyhow::Result<()> {
        let children = children.iter().rev().map(|name| path::join(parent, name));
        self.waiting.extend(children);
        if self.waiting.len() > WAITING_MAX {
            anyhow::bail!(
                "more than {WAITING_MAX} names wait to be looked at: go through the tree in parts"
            );
        }
        Ok(())
    }
}

/// A znode as it may be seen; `None` when there is none.
async fn look(place: &Place, path: String) -> Result<Option<Named>, Error> {
    let client_path = place.client_path(&path);
    match place.client.list(&client_path).await {
        Ok((mut children, stat)) => {
            children.sort_unstable();
            Ok(Some(Named {
                path,
                stat,
                children,
                refused: None,
            }))
        }
        Err(error) if error.is(ErrorCode::NoNode) => Ok(None),
        Err(error) if error.is(ErrorCode::NoAuth) => {
            // Metadata are for everybody to see.
            let stat = place.client.exists(&client_path).await?;
            Ok(stat.map(|stat| Named {
                path,
                stat,
                children: Vec::new(),
                refused: Some(error),
            }))
        }
        Err(error) => Err(error),
    }
}
