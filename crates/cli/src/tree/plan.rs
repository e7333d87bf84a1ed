//! What to do about a difference.

use super::node::Node;
use bytes::Bytes;
use dockeeper_zk_client::{Acl, Stat};

/// What is at the target in a znode's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) stat: Stat,
    /// `None` when they have another length than the wanted ones, so that nobody read them.
    pub(crate) data: Option<Bytes>,
    /// `None` when nobody asked for it.
    pub(crate) acl: Option<Vec<Acl>>,
}

/// What to do about one znode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is not there.
    Create,
    /// It differs. The versions are those that were compared: a znode that somebody else changes
    /// meanwhile has to be looked at again.
    Change {
        /// The `aversion` at which the access control list is to be replaced.
        acl: Option<i32>,
        /// The `version` at which the data are to be replaced.
        data: Option<i32>,
    },
    /// It is as it should be.
    Same,
    /// It differs and is not to be changed.
    Keep,
    /// What is there is ephemeral: it belongs to a session that lives.
    InTheWay,
}

/// What makes of the target what the znode is.
pub(crate) fn step(node: &Node, target: Option<&Target>, overwrite: bool) -> Step {
    let Some(target) = target else {
        return Step::Create;
    };
    if target.stat.ephemeral_owner != 0 {
        return Step::InTheWay;
    }
    let data = target.data.as_ref() != Some(&node.data);
    let acl = node.acl.is_some() && target.acl != node.acl;
    match (data || acl, overwrite) {
        (false, _) => Step::Same,
        (true, false) => Step::Keep,
        (true, true) => Step::Change {
            acl: acl.then_some(target.stat.aversion),
            data: data.then_some(target.stat.version),
        },
    }
}

/// Cuts znodes into batches that can be written at once: none lies below another of its batch, and
/// none has more than so many bytes of data, except by a single znode.
pub(crate) fn batches(nodes: Vec<Node>, count_max: usize, len_max: usize) -> Vec<Vec<Node>> {
    let mut batches: Vec<Vec<Node>> = Vec::new();
    let mut len = 0;
    for node in nodes {
        let fits = batches.last().is_some_and(|batch| {
            batch.len() < count_max
                && len + node.data.len() <= len_max
                && !batch.iter().any(|above| is_above(above, &node))
        });
        if fits {
            len += node.data.len();
        } else {
            len = node.data.len();
            batches.push(Vec::new());
        }
        if let Some(batch) = batches.last_mut() {
            batch.push(node);
        }
    }
    batches
}

/// Whether one znode is above another, or the same in a second line.
fn is_above(above: &Node, node: &Node) -> bool {
    dockeeper_zk_client::path::is_within(&node.path, &above.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::node::Kind;

    fn node(path: &str, data: &'static [u8], acl: Option<Vec<Acl>>) -> Node {
        Node {
            path: path.to_owned(),
            data: Bytes::from_static(data),
            acl,
            kind: Kind::Persistent,
        }
    }

    fn target(data: Option<&'static [u8]>, acl: Vec<Acl>) -> Target {
        let stat = Stat {
            version: 3,
            aversion: 4,
            ..Stat::default()
        };
        Target {
            stat,
            data: data.map(Bytes::from_static),
            acl: Some(acl),
        }
    }

    #[test]
    fn only_what_differs_is_written() {
        let wanted = node("/a", b"x", Some(Acl::open()));
        let change = |acl, data| Step::Change { acl, data };
        let step = |target: &Target| step(&wanted, Some(target), true);
        assert_eq!(super::step(&wanted, None, true), Step::Create);
        assert_eq!(step(&target(Some(b"x"), Acl::open())), Step::Same);
        assert_eq!(
            step(&target(Some(b"y"), Acl::open())),
            change(None, Some(3))
        );
        assert_eq!(step(&target(None, Acl::open())), change(None, Some(3)));
        assert_eq!(
            step(&target(Some(b"x"), Acl::read_only())),
            change(Some(4), None)
        );
        assert_eq!(
            step(&target(None, Acl::read_only())),
            change(Some(4), Some(3))
        );
    }

    #[test]
    fn what_must_not_be_changed_is_kept() {
        let wanted = node("/a", b"x", None);
        let other = target(Some(b"y"), Acl::read_only());
        assert_eq!(step(&wanted, Some(&other), false), Step::Keep);
        let same = target(Some(b"x"), Acl::read_only());
        assert_eq!(step(&wanted, Some(&same), false), Step::Same);
        let mut ephemeral = other;
        ephemeral.stat.ephemeral_owner = 7;
        assert_eq!(step(&wanted, Some(&ephemeral), true), Step::InTheWay);
    }

    #[test]
    fn a_batch_can_be_written_at_once() {
        let paths = |nodes: Vec<Node>, count, len| {
            let batches = batches(nodes, count, len).into_iter();
            let paths = batches.map(|batch| batch.into_iter().map(|node| node.path));
            paths.map(Iterator::collect::<Vec<_>>).collect::<Vec<_>>()
        };
        let nodes = ["/a", "/b", "/a/x", "/ab", "/a/x"].map(|path| node(path, b"xx", None));
        let nodes = nodes.to_vec();
        assert_eq!(
            paths(nodes.clone(), 9, 99),
            [vec!["/a", "/b"], vec!["/a/x", "/ab"], vec!["/a/x"]]
        );
        assert_eq!(paths(nodes.clone(), 1, 99).len(), 5);
        assert_eq!(paths(nodes, 9, 1).len(), 5);
        assert!(paths(Vec::new(), 9, 9).is_empty());
    }
}
