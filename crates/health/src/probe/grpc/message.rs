//! The two messages of the health service in protobuf, by hand: one field each.
//!
//! ```protobuf
//! message HealthCheckRequest { string service = 1; }
//! message HealthCheckResponse { ServingStatus status = 1; }
//! ```
//!
//! On the wire each message follows a byte for compression and its length as 32 bits, big-endian.

use std::fmt;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

/// The longest response in bytes: the one known field takes two, the rest is for later versions.
pub(super) const RESPONSE_BYTES_MAX: usize = 4096;

/// Bytes before each message.
const PREFIX_BYTES: usize = 5;

/// Tag of field 1 of the request: length-delimited.
const TAG_SERVICE: u8 = 1 << 3 | WIRE_BYTES as u8;
/// Number of the response's field.
const FIELD_STATUS: u64 = 1;

const WIRE_VARINT: u64 = 0;
const WIRE_FIXED_64: u64 = 1;
const WIRE_BYTES: u64 = 2;
const WIRE_FIXED_32: u64 = 5;

/// `ServingStatus`; proto3 means 0 by leaving the field out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ServingStatus(u64);

impl ServingStatus {
    /// The only status that passes.
    pub(super) const SERVING: Self = Self(1);
}

impl fmt::Display for ServingStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => formatter.write_str("UNKNOWN"),
            1 => formatter.write_str("SERVING"),
            2 => formatter.write_str("NOT_SERVING"),
            3 => formatter.write_str("SERVICE_UNKNOWN"),
            number => write!(formatter, "in a status {number} of a later version"),
        }
    }
}

/// Why an answer is no response of the health service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    #[error("the answer is longer than {RESPONSE_BYTES_MAX} bytes")]
    TooLong,
    #[error("the answer is compressed, which was not offered")]
    Compressed,
    #[error("the answer ends too early")]
    Short,
    #[error("the answer is no protobuf message")]
    Malformed,
}

/// The request with its prefix. The name's length is bounded by
/// [`crate::check::SERVICE_LENGTH_MAX`], so it cannot overflow the prefix.
pub(super) fn encode(service: &str) -> Bytes {
    let mut message = BytesMut::new();
    if !service.is_empty() {
        message.put_u8(TAG_SERVICE);
        put_varint(&mut message, service.len() as u64);
        message.put_slice(service.as_bytes());
    }
    let mut framed = BytesMut::with_capacity(PREFIX_BYTES + message.len());
    framed.put_u8(0);
    framed.put_u32(message.len() as u32);
    framed.put(message);
    framed.freeze()
}

/// Reads a response with its prefix; fields of later versions are skipped.
pub(super) fn decode(mut framed: &[u8]) -> Result<ServingStatus, Error> {
    if framed.len() > RESPONSE_BYTES_MAX {
        return Err(Error::TooLong);
    }
    if framed.try_get_u8().map_err(|_| Error::Short)? != 0 {
        return Err(Error::Compressed);
    }
    let length = framed.try_get_u32().map_err(|_| Error::Short)? as usize;
    let mut message = framed.get(..length).ok_or(Error::Short)?;
    let mut status = 0;
    while !message.is_empty() {
        let tag = take_varint(&mut message)?;
        let (field, wire) = (tag >> 3, tag & 7);
        match wire {
            WIRE_VARINT => {
                let value = take_varint(&mut message)?;
                if field == FIELD_STATUS {
                    status = value;
                }
            }
            WIRE_FIXED_64 => skip(&mut message, 8)?,
            WIRE_FIXED_32 => skip(&mut message, 4)?,
            WIRE_BYTES => {
                let length = take_varint(&mut message)?;
                skip(
                    &mut message,
                    usize::try_from(length).map_err(|_| Error::Short)?,
                )?;
            }
            _ => return Err(Error::Malformed),
        }
    }
    Ok(ServingStatus(status))
}

fn put_varint(message: &mut BytesMut, mut value: u64) {
    while value >= 0x80 {
        message.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    message.put_u8(value as u8);
}

fn take_varint(message: &mut &[u8]) -> Result<u64, Error> {
    let mut value = 0;
    // Seven bits to a byte make ten bytes for 64 bits; of the last byte only one bit fits.
    for shift in (0..64).step_by(7) {
        let byte = message.try_get_u8().map_err(|_| Error::Short)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Error::Malformed)
}

fn skip(message: &mut &[u8], length: usize) -> Result<(), Error> {
    *message = message.get(length..).ok_or(Error::Short)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn requests_have_one_field_at_most() {
        assert_eq!(&encode("")[..], b"\0\0\0\0\0");
        assert_eq!(&encode("a.B")[..], b"\0\0\0\0\x05\x0a\x03a.B");
        assert_eq!(&encode(&"x".repeat(200))[..8], b"\0\0\0\0\xcb\x0a\xc8\x01");
    }

    #[test]
    fn responses_are_read() {
        let cases: &[(&[u8], Result<ServingStatus, Error>)] = &[
            (b"\0\0\0\0\0", Ok(ServingStatus(0))),
            (b"\0\0\0\0\x02\x08\x01", Ok(ServingStatus(1))),
            (b"\0\0\0\0\x02\x08\x02", Ok(ServingStatus(2))),
            (b"\0\0\0\0\x02\x08\x03", Ok(ServingStatus(3))),
            (b"\0\0\0\0\x03\x08\x80\x01", Ok(ServingStatus(128))),
            // Fields 2 to 4 of a later version, one of each other wire type.
            (
                b"\0\0\0\0\x13\x12\x01z\x19\0\0\0\0\0\0\0\0\x25\0\0\0\0\x08\x01",
                Ok(ServingStatus(1)),
            ),
            (b"", Err(Error::Short)),
            (b"\0\0\0\0\x02\x08", Err(Error::Short)),
            (b"\x01\0\0\0\x02\x08\x01", Err(Error::Compressed)),
            (b"\0\0\0\0\x02\x0f\x01", Err(Error::Malformed)),
            (b"\0\0\0\0\x02\x12\x7f", Err(Error::Short)),
            (
                b"\0\0\0\0\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                Err(Error::Malformed),
            ),
        ];
        for (framed, expected) in cases {
            assert_eq!(decode(framed), *expected, "{framed:?}");
        }
        assert_eq!(decode(&[0; RESPONSE_BYTES_MAX + 1]), Err(Error::TooLong));
    }

    proptest! {
        #[test]
        fn no_answer_panics(mut framed in any::<Vec<u8>>()) {
            let _ = decode(&framed);
            // With a right prefix, so that the fields are reached.
            let length = framed.len() as u32;
            framed.splice(0..0, [&[0][..], &length.to_be_bytes()[..]].concat());
            let _ = decode(&framed);
        }

        #[test]
        fn varints_are_read_back(value in any::<u64>()) {
            let mut bytes = BytesMut::new();
            put_varint(&mut bytes, value);
            let mut rest = &bytes[..];
            prop_assert_eq!(take_varint(&mut rest), Ok(value));
            prop_assert!(rest.is_empty());
        }
    }
}
