//! Several operations in one request.
//!
//! Each is preceded by a header {type, done, err}; a header that is done ends the list. A multi of
//! writes is one transaction. A multi of reads is only a shorter way to send them.

mod request;
mod response;

pub use self::{
    request::{MultiReadRequest, MultiRequest, Op, ReadOp},
    response::{MultiResponse, OpResult},
};

use crate::wire::record;

record! {
    /// Before each operation and each result.
    #[derive(Copy)]
    struct Header {
        kind: i32,
        done: bool,
        err: i32,
    }
}

impl Header {
    /// Behind the last operation or result.
    const END: Self = Self {
        kind: -1,
        done: true,
        err: -1,
    };
}
