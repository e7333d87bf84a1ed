//! What stands before each body.

use crate::wire::record;

/// The transaction ids that are no counter: they mark frames that belong to no request.
pub mod xid {
    /// A watch event, from the server.
    pub const EVENT: i32 = -1;
    /// A ping and its reply.
    pub const PING: i32 = -2;
    /// Credentials and their reply.
    pub const AUTH: i32 = -4;
    /// The watches that a client arms again after a reconnect, and the reply.
    pub const SET_WATCHES: i32 = -8;
}

record! {
    /// Before a request's body. The opcode is a bare number, so that a server can answer one that
    /// it does not know.
    #[derive(Copy)]
    pub struct RequestHeader {
        /// The client's number for the request; replies come back in the same order.
        pub xid: i32,
        /// The operation.
        pub opcode: i32,
    }
}

record! {
    /// Before a reply's body; a body follows only when `err` is zero.
    #[derive(Copy)]
    pub struct ReplyHeader {
        /// The request's number, or one of [`xid`].
        pub xid: i32,
        /// The last transaction that the server has seen.
        pub zxid: i64,
        /// An [`ErrorCode`](crate::ErrorCode), or zero.
        pub err: i32,
    }
}
