//! Access control lists.

use crate::{Stat, wire::record};

/// What an access control list's entry allows, as bits.
pub mod perms {
    /// Get the data, list the children.
    pub const READ: i32 = 1;
    /// Set the data.
    pub const WRITE: i32 = 2;
    /// Create children.
    pub const CREATE: i32 = 4;
    /// Delete children.
    pub const DELETE: i32 = 8;
    /// Set the access control list.
    pub const ADMIN: i32 = 16;
    /// Everything.
    pub const ALL: i32 = READ | WRITE | CREATE | DELETE | ADMIN;
}

record! {
    /// Somebody that a server can tell from others.
    #[derive(Hash)]
    pub struct Id {
        /// How the server tells: `world`, `auth`, `digest`, `ip`, `x509` or `sasl`.
        pub scheme: String,
        /// Who it is, in the scheme's own notation.
        pub id: String,
    }
}

record! {
    /// One entry of an access control list.
    #[derive(Hash)]
    pub struct Acl {
        /// What is allowed: bits of [`perms`].
        pub perms: i32,
        /// To whom.
        pub id: Id,
    }
}

record! {
    /// Asks for a znode's access control list.
    pub struct GetAclRequest {
        /// The znode.
        pub path: String,
    }
    => GetAcl -> GetAclResponse;
}

record! {
    /// A znode's access control list.
    pub struct GetAclResponse {
        /// The entries.
        pub acl: Vec<Acl>,
        /// The znode's metadata.
        pub stat: Stat,
    }
}

record! {
    /// Replaces a znode's access control list.
    pub struct SetAclRequest {
        /// The znode.
        pub path: String,
        /// The new entries; an empty list is refused.
        pub acl: Vec<Acl>,
        /// The `aversion` that the znode must have, or -1 for any.
        pub version: i32,
    }
    => SetAcl -> SetAclResponse;
}

record! {
    /// The metadata behind a changed access control list.
    pub struct SetAclResponse {
        /// The znode's metadata.
        pub stat: Stat,
    }
}

// === impl Acl ===

impl Acl {
    /// Allows `perms` to whoever `scheme` and `id` name.
    pub fn new(perms: i32, scheme: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            perms,
            id: Id {
                scheme: scheme.into(),
                id: id.into(),
            },
        }
    }

    /// Everything to everybody.
    pub fn open() -> Vec<Self> {
        vec![Self::new(perms::ALL, "world", "anyone")]
    }

    /// Everything to those that the session has authenticated as, and nothing to others.
    pub fn creator_all() -> Vec<Self> {
        vec![Self::new(perms::ALL, "auth", "")]
    }

    /// Reading to everybody.
    pub fn read_only() -> Vec<Self> {
        vec![Self::new(perms::READ, "world", "anyone")]
    }
}
