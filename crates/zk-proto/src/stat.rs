//! What a server knows of a znode besides its data.

use crate::wire::record;

record! {
    /// A znode's metadata.
    #[derive(Copy, Default)]
    pub struct Stat {
        /// The transaction that created the znode.
        pub czxid: i64,
        /// The transaction that last changed its data.
        pub mzxid: i64,
        /// When it was created, in milliseconds since 1970.
        pub ctime_ms: i64,
        /// When its data last changed, in milliseconds since 1970.
        pub mtime_ms: i64,
        /// How often its data has changed.
        pub version: i32,
        /// How often its children have changed: twice their creations, less their number.
        pub cversion: i32,
        /// How often its access control list has changed.
        pub aversion: i32,
        /// The session that the znode ends with; zero for one that does not.
        pub ephemeral_owner: i64,
        /// Length of its data in bytes.
        pub data_len: i32,
        /// How many children it has.
        pub num_children: i32,
        /// The transaction that last changed its children.
        pub pzxid: i64,
    }
}
