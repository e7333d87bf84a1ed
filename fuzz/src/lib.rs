//! What the fuzz targets do with arbitrary bytes. Each function panics on what must never happen.

use std::fmt::Debug;

use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{Decoder, Record};

mod frames;
mod paths;
mod records;
mod requests;
mod storage;
mod transactions;

pub use self::{
    frames::frames,
    paths::paths,
    records::records,
    requests::requests,
    storage::{log, snapshot},
    transactions::transactions,
};

/// Reads a record, and if the bytes are one, writes it and reads it again: nothing may be lost on
/// the way, and nothing left over.
fn round_trips<T: Record + PartialEq + Debug>(input: Bytes) {
    let Ok(record) = T::from_bytes(input) else {
        return;
    };
    let mut wire = BytesMut::new();
    record.encode(&mut wire);
    assert!(
        wire.len() >= T::LEN_MIN,
        "{record:?} is shorter than the least"
    );
    let mut again = Decoder::new(wire.freeze());
    assert_eq!(again.read::<T>().as_ref(), Ok(&record));
    assert_eq!(again.remaining(), 0, "{record:?} is read too short");
}
