use bytes::Bytes;
use dockeeper_zk_client::{Acl, CreateMode, CreateOptions};
use std::time::Duration;

/// A znode with all that a client can read of it and write again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// Below the chroot.
    pub(crate) path: String,
    pub(crate) data: Bytes,
    /// `None` where access control lists are left out.
    pub(crate) acl: Option<Vec<Acl>>,
    /// As somebody says: no client can read it.
    pub(crate) kind: Kind,
}

/// What becomes of a znode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It stays until it is deleted.
    #[default]
    Persistent,
    /// It ends some time after its last child.
    Container,
    /// It ends when it has had no child and no change for so long.
    Ttl(Duration),
}

// === impl Node ===

impl Node {
    /// How a znode like this is created.
    pub(crate) fn options(&self) -> CreateOptions {
        let options = match self.kind {
            Kind::Persistent => CreateOptions::new(CreateMode::Persistent),
            Kind::Container => CreateOptions::new(CreateMode::Container),
            Kind::Ttl(ttl) => CreateOptions::with_ttl(ttl),
        };
        match &self.acl {
            Some(acl) => options.with_acl(acl.clone()),
            None => options,
        }
    }
}
