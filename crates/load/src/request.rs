use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{Record, Request as Body, frame, header::RequestHeader};

/// The number that every request has: replies are counted and not told apart.
pub(crate) const XID: i32 = 1;

/// A request as it stands on the wire.
#[derive(Clone, Debug)]
pub struct Request {
    frame: Bytes,
}

impl Request {
    /// Encodes a request.
    ///
    /// # Panics
    ///
    /// When it is longer than a frame may be.
    pub fn new<T: Body>(body: &T) -> Self {
        let header = RequestHeader {
            xid: XID,
            opcode: body.opcode().to_wire(),
        };
        let mut out = BytesMut::new();
        frame::put(&mut out, frame::LEN_MAX_DEFAULT, |out| {
            header.encode(out);
            body.encode(out);
        })
        .expect("a request fits into a frame");
        Self {
            frame: out.freeze(),
        }
    }

    pub(crate) fn frame(&self) -> &[u8] {
        &self.frame
    }
}
