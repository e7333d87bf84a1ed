//! A tree with its content, batch by batch.

use super::{
    acl,
    kinds::Kinds,
    names::{Named, Names},
    node::Node,
    place::Place,
};
use crate::exit::{Code, Failure};
use dockeeper_zk_client::ErrorCode;
use futures_util::future::join_all;
use std::collections::VecDeque;

/// How many bytes of data are read at once, or one znode if it has more: bounds the memory.
const DATA_LEN_MAX: usize = 8 << 20;

/// Goes through a tree and reads it. Ephemeral znodes are left out and counted: they belong to
/// their sessions.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    place: &'a Place,
    names: Names<'a>,
    kinds: &'a Kinds,
    with_acls: bool,
    named: VecDeque<Named>,
    pub(crate) ephemerals: u64,
}

/// A znode, and what lies below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) node: Node,
    /// The names of its children, in order.
    pub(crate) children: Vec<String>,
}

// === impl Walk ===

impl<'a> Walk<'a> {
    pub(crate) fn new(place: &'a Place, top: &str, kinds: &'a Kinds, with_acls: bool) -> Self {
        Self {
            place,
            names: Names::new(place, top),
            kinds,
            with_acls,
            named: VecDeque::new(),
            ephemerals: 0,
        }
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
                self.ephemerals += u64::try_from(before - self.named.len()).unwrap_or(0);
            }
            let chunk = take(&mut self.named);
            let (place, kinds, with_acls) = (self.place, self.kinds, self.with_acls);
            let read = chunk
                .into_iter()
                .map(|named| read(place, kinds, with_acls, named));
            let read = join_all(read).await.into_iter();
            let found: Vec<_> = read
                .filter_map(Result::transpose)
                .collect::<Result<_, _>>()?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
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

/// Reads a znode; `None` when it has gone meanwhile.
pub(crate) async fn read(
    place: &Place,
    kinds: &Kinds,
    with_acls: bool,
    named: Named,
) -> anyhow::Result<Option<Found>> {
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
        (Err(error), _) | (_, Err(error)) if error.is(ErrorCode::NoNode) => return Ok(None),
        (Err(error), _) | (_, Err(error)) => return Err(error.into()),
    };
    if acl.as_deref().is_some_and(acl::is_masked) {
        return Err(masked(&path).into());
    }
    let node = Node {
        kind: kinds.of(&named.path),
        path: named.path,
        data,
        acl,
    };
    Ok(Some(Found {
        node,
        children: named.children,
    }))
}

/// A server shows the hash in a digest only to those who may change the list.
pub(crate) fn masked(path: &str) -> Failure {
    Failure::new(
        Code::Refused,
        format!(
            "ZooKeeper hides a part of the access control list of {path}: give credentials that \
             have ADMIN there"
        ),
    )
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
