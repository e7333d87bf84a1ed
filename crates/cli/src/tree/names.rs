//! A tree's names and metadata, batch by batch.

use super::place::Place;
use dockeeper_zk_client::{ErrorCode, Stat, path};
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
    /// The names of its children, in order.
    pub(crate) children: Vec<String>,
}

/// Goes through a tree: a znode comes before those below it, and the same tree always comes in the
/// same order. ZooKeeper's own znodes are left out.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    place: &'a Place,
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
            wants_reserved: place.is_reserved(top),
            waiting: vec![top.to_owned()],
        }
    }

    /// The next znodes; none at the end. One that has gone meanwhile is passed over.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Vec<Named>> {
        loop {
            let from = self.waiting.len().saturating_sub(BATCH_MAX);
            let batch = self.waiting.split_off(from);
            if batch.is_empty() {
                return Ok(Vec::new());
            }
            let place = self.place;
            let wanted = |path: &String| self.wants_reserved || !place.is_reserved(path);
            let batch = batch.into_iter().rev().filter(wanted);
            let listed = batch.map(async |path| {
                let listed = place.client.list(&place.client_path(&path)).await;
                (path, listed)
            });
            let mut found = Vec::new();
            for (path, listed) in join_all(listed).await {
                match listed {
                    Ok((mut children, stat)) => {
                        children.sort_unstable();
                        found.push(Named {
                            path,
                            stat,
                            children,
                        });
                    }
                    Err(error) if error.is(ErrorCode::NoNode) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            self.descend(&found)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
    }

    fn descend(&mut self, found: &[Named]) -> anyhow::Result<()> {
        for named in found.iter().rev() {
            let children = named.children.iter().rev();
            let children = children.map(|name| path::join(&named.path, name));
            self.waiting.extend(children);
        }
        if self.waiting.len() > WAITING_MAX {
            anyhow::bail!(
                "more than {WAITING_MAX} names wait to be looked at: go through the tree in parts"
            );
        }
        Ok(())
    }
}
