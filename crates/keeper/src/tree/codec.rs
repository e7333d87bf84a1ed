//! How znodes are written in a snapshot: the wire's primitives, a number before each item.

use super::{AclId, Node, NodeId, Owner, Unfit, node::Content};
use crate::NodeKind;
use bytes::{BufMut, Bytes, BytesMut};
use dockeeper_zk_proto::{DecodeError, Decoder, Record, acl::Acl};

const ACL: i32 = 1;
const NODE: i32 = 2;

/// Something in a snapshot.
pub(super) enum Item {
    /// A list, under the number that znodes name it by.
    Acl(u32, Vec<Acl>),
    Node(Box<Written>),
}

/// A znode as it was written.
pub(super) struct Written {
    pub(super) id: NodeId,
    pub(super) acl: u32,
    pub(super) node: Node,
}

pub(super) fn encode_acl(id: AclId, acl: &[Acl], out: &mut BytesMut) {
    ACL.encode(out);
    out.put_u32(id.0);
    // Its entries were in a frame, whose length is an `i32`.
    out.put_u32(u32::try_from(acl.len()).unwrap_or(u32::MAX));
    for entry in acl {
        entry.encode(out);
    }
}

pub(super) fn encode_node(id: NodeId, node: &Node, out: &mut BytesMut) {
    NODE.encode(out);
    out.put_u32(id.0);
    out.put_u32(node.parent.0);
    out.put_u32(node.acl.0);
    put_buffer(node.name(), out);
    match node.data() {
        Some(data) => put_buffer(data, out),
        None => out.put_i32(-1),
    }
    let owner = node.owner();
    owner.kind.encode(out);
    out.put_i64(owner.session);
    for value in [
        node.czxid,
        node.mzxid,
        node.pzxid,
        node.ctime_ms,
        node.mtime_ms,
    ] {
        out.put_i64(value);
    }
    for value in [node.version, node.creations, node.aversion] {
        out.put_i32(value);
    }
    out.put_u32(node.children);
}

pub(super) fn decode(input: &mut Decoder) -> Result<Item, Unfit> {
    match input.read()? {
        ACL => Ok(Item::Acl(number(input)?, input.read()?)),
        NODE => decode_node(input).map(|node| Item::Node(Box::new(node))),
        value => Err(DecodeError::Value {
            what: "an item's kind",
            value,
        }
        .into()),
    }
}

fn decode_node(input: &mut Decoder) -> Result<Written, Unfit> {
    let id = NodeId(number(input)?);
    let parent = NodeId(number(input)?);
    let acl = number(input)?;
    let name: String = input.read()?;
    let data: Option<Bytes> = input.read()?;
    let owner = Owner {
        kind: input.read::<NodeKind>()?,
        session: input.read()?,
    };
    let content = Content::new(name.as_bytes(), data.as_deref());
    let mut node = Node::new(content, owner, AclId::OPEN, parent);
    for value in [
        &mut node.czxid,
        &mut node.mzxid,
        &mut node.pzxid,
        &mut node.ctime_ms,
        &mut node.mtime_ms,
    ] {
        *value = input.read()?;
    }
    for value in [&mut node.version, &mut node.creations, &mut node.aversion] {
        *value = input.read()?;
    }
    node.children = number(input)?;
    Ok(Written { id, acl, node })
}

fn number(input: &mut Decoder) -> Result<u32, DecodeError> {
    Ok(input.read::<i32>()?.cast_unsigned())
}

fn put_buffer(bytes: &[u8], out: &mut BytesMut) {
    // It was in a frame, whose length is an `i32`.
    out.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
    out.put_slice(bytes);
}
