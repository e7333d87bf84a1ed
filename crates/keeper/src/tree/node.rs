//! One znode.

use super::{acls::AclId, slab::NodeId};
use crate::NodeKind;
use dockeeper_zk_proto::Stat;

/// A znode, as small as it can be: a million of them have to fit into a small machine.
///
/// It knows its name but not its path: that is its parents' names.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) czxid: i64,
    pub(crate) mzxid: i64,
    pub(crate) pzxid: i64,
    pub(crate) ctime_ms: i64,
    pub(crate) mtime_ms: i64,
    /// What the tag makes of it: a session, a time to live, nothing.
    owner: i64,
    /// Name and data, one behind the other: one allocation, and of the exact length.
    content: Box<[u8]>,
    name_len: u32,
    pub(crate) version: i32,
    /// How many children were ever created: what sequential names are made of.
    pub(crate) creations: i32,
    pub(crate) aversion: i32,
    pub(crate) acl: AclId,
    pub(super) parent: NodeId,
    pub(super) first_child: NodeId,
    pub(super) next: NodeId,
    pub(super) previous: NodeId,
    pub(crate) children: u32,
    tag: Tag,
    /// No data and empty data are two things.
    has_data: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Persistent,
    Ephemeral,
    Container,
    Ttl,
}

/// A znode's name and data in one piece.
pub(super) struct Content {
    bytes: Box<[u8]>,
    name_len: u32,
    has_data: bool,
}

/// What ends a znode, with the session that an ephemeral one belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) kind: NodeKind,
    /// Zero but for ephemeral znodes.
    pub(crate) session: i64,
}

// === impl Content ===

impl Content {
    pub(super) fn new(name: &[u8], data: Option<&[u8]>) -> Self {
        let mut bytes = Vec::with_capacity(name.len() + data.map_or(0, <[u8]>::len));
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(data.unwrap_or_default());
        Self {
            bytes: bytes.into_boxed_slice(),
            // A name comes out of a frame, whose length is an `i32`.
            name_len: u32::try_from(name.len()).unwrap_or(u32::MAX),
            has_data: data.is_some(),
        }
    }
}

// === impl Node ===

impl Node {
    /// A znode that nothing has happened to, and that nothing is linked to.
    pub(super) fn new(content: Content, owner: Owner, acl: AclId, parent: NodeId) -> Self {
        let (tag, owner) = match owner.kind {
            NodeKind::Persistent => (Tag::Persistent, 0),
            NodeKind::Ephemeral => (Tag::Ephemeral, owner.session),
            NodeKind::Container => (Tag::Container, 0),
            NodeKind::Ttl(ms) => (Tag::Ttl, ms),
        };
        Self {
            czxid: 0,
            mzxid: 0,
            pzxid: 0,
            ctime_ms: 0,
            mtime_ms: 0,
            owner,
            content: content.bytes,
            name_len: content.name_len,
            version: 0,
            creations: 0,
            aversion: 0,
            acl,
            parent,
            first_child: NodeId::NONE,
            next: NodeId::NONE,
            previous: NodeId::NONE,
            children: 0,
            tag,
            has_data: content.has_data,
        }
    }

    pub(crate) fn name(&self) -> &[u8] {
        &self.content[..self.name_len as usize]
    }

    pub(crate) fn data(&self) -> Option<&[u8]> {
        self.has_data
            .then(|| &self.content[self.name_len as usize..])
    }

    pub(crate) fn data_len(&self) -> usize {
        self.content.len() - self.name_len as usize
    }

    /// Replaces the data and gives back what was there.
    pub(super) fn replace(&mut self, content: Content) -> Content {
        Content {
            bytes: std::mem::replace(&mut self.content, content.bytes),
            name_len: std::mem::replace(&mut self.name_len, content.name_len),
            has_data: std::mem::replace(&mut self.has_data, content.has_data),
        }
    }

    pub(crate) fn owner(&self) -> Owner {
        let (kind, session) = match self.tag {
            Tag::Persistent => (NodeKind::Persistent, 0),
            Tag::Ephemeral => (NodeKind::Ephemeral, self.owner),
            Tag::Container => (NodeKind::Container, 0),
            Tag::Ttl => (NodeKind::Ttl(self.owner), 0),
        };
        Owner { kind, session }
    }

    pub(crate) fn is_ephemeral(&self) -> bool {
        self.tag == Tag::Ephemeral
    }

    /// The newest transaction that its stat tells of.
    pub(crate) fn newest_zxid(&self) -> i64 {
        self.czxid.max(self.mzxid).max(self.pzxid)
    }

    /// What a client sees. Only ephemeral znodes show an owner, and `cversion` counts deletions
    /// too: each creation whose child is not there any more.
    pub(crate) fn stat(&self) -> Stat {
        let children = self.children.cast_signed();
        Stat {
            czxid: self.czxid,
            mzxid: self.mzxid,
            ctime_ms: self.ctime_ms,
            mtime_ms: self.mtime_ms,
            version: self.version,
            cversion: self.creations.wrapping_mul(2).wrapping_sub(children),
            aversion: self.aversion,
            ephemeral_owner: if self.is_ephemeral() { self.owner } else { 0 },
            data_len: i32::try_from(self.data_len()).unwrap_or(i32::MAX),
            num_children: children,
            pzxid: self.pzxid,
        }
    }
}

// === impl Owner ===

impl Owner {
    /// Of a znode that only a delete ends.
    pub(crate) const NOBODY: Self = Self {
        kind: NodeKind::Persistent,
        session: 0,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_small() {
        assert_eq!(size_of::<Node>(), 112);
        assert_eq!(size_of::<Option<Node>>(), 112);
    }
}
