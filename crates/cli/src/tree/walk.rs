//! A tree with its content, batch by batch.

use super::{
    acl::{self, Masked},
    kinds::Kinds,
    names::{Named, Names},
    node::Node,
    place::Place,
    tally::Paths,
};
use dockeeper_zk_client::ErrorCode;
use futures_util::future::join_all;
use std::collections::VecDeque;

/// How many bytes of data are read at once, or one znode if it has more: bounds the memory.
const DATA_LEN_MAX: usize = 8 << 20;

/// Goes through a tree and reads it. Two kinds are left out, and told: ephemeral znodes, which
/// belong to their sessions, and those that may not be read in full, with what lies below them.
/// That the first one of all may not is an error.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    place: &'a Place,
    top: &'a str,
    names: Names<'a>,
    kinds: &'a Kinds,
    with_acls: bool,
    named: VecDeque<Named>,
    pub(crate) ephemerals: usize,
    /// As the client knows them.
    pub(crate) unreadable: Paths,
}

/// A znode, and what lies below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) node: Node,
    /// The names of its children, in order.
    pub(crate) children: Vec<String>,
}

/// What came of reading a znode.
#[derive(Debug)]
pub(crate) enum Read {
    Found(Found),
    /// It may not be read in full.
    Refused {
        path: String,
        why: anyhow::Error,
    },
    /// It has gone meanwhile.
    Gone,
}

// === impl Walk ===

impl<'a> Walk<'a> {
    pub(crate) fn new(place: &'a Place, top: &'a str, kinds: &'a Kinds, with_acls: bool) -> Self {
        Self {
            place,
            top,
            names: Names::new(place, top),
            kinds,
            with_acls,
            named: VecDeque::new(),
            ephemerals: 0,
            unreadable: Paths::default(),
        }
    }

    /// A tree that is copied to another place.
    pub(crate) fn onto(self, target: &'a Place) -> Self {
        Self {
            names: self.names.onto(target),
            ..self
        }
    }

    /// Whether some were left out as they would be ZooKeeper's own at the target.
    pub(crate) fn hits_reserved(&self) -> bool {
        self.names.hits_reserved
    }

    /// The next znodes; none at the end. None of them lies below another.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Vec<Found>> {
        loop {
            if self.named.is_empty() {
                self.named.extend(self.names.next().await?);
                if self.named.is_empty() {
                    return Ok(Vec::new());
                }
                let before = self.named.len();
                self.named.retain(|named| named.stat.ephemeral_owner == 0);
                self.ephemerals += before - self.named.len();
            }
            let chunk = take(&mut self.named);
            let (place, kinds, with_acls) = (self.place, self.kinds, self.with_acls);
            let read = chunk
                .into_iter()
                .map(|named| read(place, kinds, with_acls, named));
            let mut found = Vec::new();
            for read in join_all(read).await {
                match read? {
                    Read::Found(next) => found.push(next),
                    Read::Refused { path, why } => self.leave_out(&path, why)?,
                    Read::Gone => {}
                }
            }
            for Found { node, children } in found.iter().rev() {
                self.names.descend(&node.path, children)?;
            }
            if !found.is_empty() {
                return Ok(found);
            }
        }
    }

    fn leave_out(&mut self, path: &str, why: anyhow::Error) -> anyhow::Result<()> {
        if path == self.top {
            return Err(why);
        }
        let mut shown = self.place.client_path(path);
        if why.is::<Masked>() {
            shown.push_str(" (its access control list is shown in full only to ADMIN)");
        }
        self.unreadable.add(&shown);
        Ok(())
    }
}

/// As many znodes as may be read at once.
fn take(named: &mut VecDeque<Named>) -> Vec<Named> {
    let mut chunk = Vec::new();
    let mut len = 0;
    while let Some(next) = named.pop_front() {
        len += usize::try_from(next.stat.data_len).unwrap_or(0);
        if len > DATA_LEN_MAX && !chunk.is_empty() {
            named.push_front(next);
            break;
        }
        chunk.push(next);
    }
    chunk
}

/// Reads a znode.
pub(crate) async fn read(
    place: &Place,
    kinds: &Kinds,
    with_acls: bool,
    named: Named,
) -> anyhow::Result<Read> {
    let refused = |named: Named, why: anyhow::Error| {
        let path = named.path;
        Ok(Read::Refused { path, why })
    };
    if let Some(why) = named.refused.clone() {
        return refused(named, why.into());
    }
    let path = place.client_path(&named.path);
    let get = place.client.get(&path);
    let get_acl = async {
        if with_acls {
            place.client.get_acl(&path).await.map(|(acl, _)| Some(acl))
        } else {
            Ok(None)
        }
    };
    let (data, acl) = match futures_util::future::join(get, get_acl).await {
        (Ok((data, _)), Ok(acl)) => (data, acl),
        (Err(error), _) | (_, Err(error)) if error.is(ErrorCode::NoNode) => return Ok(Read::Gone),
        (Err(error), _) | (_, Err(error)) if error.is(ErrorCode::NoAuth) => {
            return refused(named, error.into());
        }
        (Err(error), _) | (_, Err(error)) => return Err(error.into()),
    };
    if acl.as_deref().is_some_and(acl::is_masked) {
        return refused(named, Masked { path }.into());
    }
    let node = Node {
        kind: kinds.of(&named.path),
        path: named.path,
        data,
        acl,
    };
    Ok(Read::Found(Found {
        node,
        children: named.children,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_zk_client::Stat;

    #[test]
    fn a_chunk_has_a_bound_and_at_least_one_znode() {
        let named = |len: usize| Named {
            path: "/a".to_owned(),
            stat: Stat {
                data_len: i32::try_from(len).unwrap(),
                ..Stat::default()
            },
            children: Vec::new(),
            refused: None,
        };
        let half = DATA_LEN_MAX / 2;
        let lens = [half, half, 1, 2 * DATA_LEN_MAX, 3 * DATA_LEN_MAX, 0];
        let mut waiting: VecDeque<_> = lens.into_iter().map(named).collect();
        let mut taken = Vec::new();
        while !waiting.is_empty() {
            taken.push(take(&mut waiting).len());
        }
        assert_eq!(taken, [2, 1, 1, 1, 1]);
    }
}
