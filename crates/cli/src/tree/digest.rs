use super::node::Node;
use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use std::fmt;

/// A digest of a set of znodes: their paths, data and access control lists.
///
/// It is the exclusive or of each znode's SHA-256, so that it does not depend on the order in which
/// they are read. No path comes twice, so none cancels another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    sum: [u8; SHA256_OUTPUT_LEN],
    pub(crate) count: u64,
}

// === impl Digest ===

impl Digest {
    pub(crate) fn add(&mut self, node: &Node) {
        let mut context = Context::new(&SHA256);
        let mut field = |bytes: &[u8]| {
            // With its length before it, no field runs into the next.
            context.update(&(bytes.len() as u64).to_be_bytes());
            context.update(bytes);
        };
        field(node.path.as_bytes());
        field(&node.data);
        for entry in node.acl.iter().flatten() {
            field(&entry.perms.to_be_bytes());
            field(entry.id.scheme.as_bytes());
            field(entry.id.id.as_bytes());
        }
        let hash = context.finish();
        for (sum, byte) in self.sum.iter_mut().zip(hash.as_ref()) {
            *sum ^= byte;
        }
        self.count += 1;
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.sum.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::node::Kind;
    use bytes::Bytes;
    use dockeeper_zk_client::Acl;

    #[test]
    fn the_order_does_not_count_and_all_else_does() {
        let node = |path: &str, data: &'static str, acl: Vec<Acl>| Node {
            path: path.to_owned(),
            data: Bytes::from(data),
            acl: Some(acl),
            kind: Kind::Persistent,
        };
        let of = |nodes: &[&Node]| {
            let mut digest = Digest::default();
            nodes.iter().for_each(|node| digest.add(node));
            digest.to_string()
        };
        let (a, b) = (node("/a", "x", Acl::open()), node("/b", "", Acl::open()));
        assert_eq!(of(&[&a, &b]), of(&[&b, &a]));
        for other in [
            node("/ax", "", Acl::open()),
            node("/a", "y", Acl::open()),
            node("/a", "x", Acl::read_only()),
        ] {
            assert_ne!(of(&[&a]), of(&[&other]));
        }
        assert_eq!(of(&[]), format!("sha256:{}", "0".repeat(64)));
    }
}
