//! ZooKeeper's client protocol without I/O: what a client and a server write on the wire.
//!
//! A connection carries [frames](frame). The first frame in each direction is the
//! [handshake](connect); after that a client's frame is a [`RequestHeader`](header::RequestHeader)
//! and a body, and a server's frame is a [`ReplyHeader`](header::ReplyHeader) and, when its error
//! is zero, a body. Bodies are [records](Record): fields one after another, big-endian, with a
//! length before each string, buffer and vector.
//!
//! Each decoder is bounded by the frame that it reads: no length on the wire makes it allocate
//! more than a small multiple of the bytes that are there.
//!
//! The records are those of Apache ZooKeeper 3.8. One request and its reply, as a client and a
//! server see them:
//!
//! ```
//! use bytes::BytesMut;
//! use dockeeper_zk_proto::{
//!     Decoder, OpCode, Record, Request, data::GetDataRequest, frame, header::RequestHeader,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let request = GetDataRequest { path: "/greeting".to_owned(), watch: false };
//! let header = RequestHeader { xid: 1, opcode: request.opcode().to_wire() };
//! let mut wire = BytesMut::new();
//! frame::put(&mut wire, frame::LEN_MAX_DEFAULT, |out| {
//!     header.encode(out);
//!     request.encode(out);
//! })?;
//!
//! let received = frame::take(&mut wire, frame::LEN_MAX_DEFAULT)?.expect("a whole frame");
//! let mut decoder = Decoder::new(received);
//! let header: RequestHeader = decoder.read()?;
//! assert_eq!(OpCode::from_wire(header.opcode), Some(OpCode::GetData));
//! assert_eq!(decoder.read::<GetDataRequest>()?, request);
//! # Ok(())
//! # }
//! ```

pub mod acl;
pub mod code;
pub mod connect;
pub mod create;
pub mod data;
pub mod frame;
pub mod header;
pub mod multi;
pub mod opcode;
pub mod path;
pub mod reconfig;
pub mod session;
pub mod stat;
pub mod watch;
mod wire;

pub use self::{
    code::ErrorCode,
    opcode::OpCode,
    stat::Stat,
    wire::{DecodeError, Decoder, Record, Request},
};
