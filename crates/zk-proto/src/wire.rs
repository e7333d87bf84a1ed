//! The encoding under every record.

mod decoder;
mod primitive;
mod record;

pub(crate) use self::record::record;
pub use self::{
    decoder::{DecodeError, Decoder},
    record::{Record, Request},
};
