//! Frames: a big-endian `i32` length and as many bytes.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Bytes of the length before each frame.
pub const HEADER_LEN: usize = 4;

/// The longest frame that Apache ZooKeeper takes by default (`jute.maxbuffer`).
///
/// A server closes the connection on a longer one.
pub const LEN_MAX_DEFAULT: usize = 0xf_ffff;

/// A length that no frame of this connection may have.
///
/// Nothing can be read behind it: the connection has to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame of {length} bytes, where at most {max} are allowed")]
pub struct BadLength {
    /// The length as it stands on the wire.
    pub length: i32,
    /// The longest that is allowed.
    pub max: usize,
}

/// Takes the first whole frame out of `input`, without its length.
///
/// `None` when more bytes have to come first; `input` then has room for them.
pub fn take(input: &mut BytesMut, max: usize) -> Result<Option<Bytes>, BadLength> {
    let Some(header) = input.first_chunk::<HEADER_LEN>() else {
        return Ok(None);
    };
    let length = i32::from_be_bytes(*header);
    let body = match usize::try_from(length) {
        Ok(body) if body <= max => body,
        _ => return Err(BadLength { length, max }),
    };
    let total = HEADER_LEN + body;
    if input.len() < total {
        input.reserve(total - input.len());
        return Ok(None);
    }
    input.advance(HEADER_LEN);
    Ok(Some(input.split_to(body).freeze()))
}

/// Appends a frame whose body `encode` writes.
///
/// On a body longer than `max` nothing is appended.
pub fn put(
    out: &mut BytesMut,
    max: usize,
    encode: impl FnOnce(&mut BytesMut),
) -> Result<(), BadLength> {
    let start = out.len();
    out.put_i32(0);
    encode(out);
    let body = out.len() - start - HEADER_LEN;
    match i32::try_from(body) {
        Ok(length) if body <= max => {
            out[start..start + HEADER_LEN].copy_from_slice(&length.to_be_bytes());
            Ok(())
        }
        length => {
            out.truncate(start);
            Err(BadLength {
                length: length.unwrap_or(i32::MAX),
                max,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_the_whole_frame() {
        let mut wire = BytesMut::new();
        put(&mut wire, 100, |out| out.put_slice(b"hello")).unwrap();
        put(&mut wire, 100, |out| out.put_slice(b"")).unwrap();
        let whole = wire.split();
        for (position, byte) in whole.iter().enumerate() {
            wire.put_u8(*byte);
            let frame = take(&mut wire, 100).unwrap();
            match position {
                8 => assert_eq!(frame.unwrap(), "hello"),
                12 => assert_eq!(frame.unwrap(), ""),
                _ => assert_eq!(frame, None),
            }
        }
    }

    #[test]
    fn refuses_lengths_out_of_range() {
        for length in [-1, i32::MIN, 101, i32::MAX] {
            let mut wire = BytesMut::from(&length.to_be_bytes()[..]);
            let error = take(&mut wire, 100).unwrap_err();
            assert_eq!(error, BadLength { length, max: 100 });
        }
    }

    #[test]
    fn appends_nothing_when_too_long() {
        let mut out = BytesMut::from(&b"before"[..]);
        let error = put(&mut out, 3, |out| out.put_slice(b"long")).unwrap_err();
        assert_eq!(error, BadLength { length: 4, max: 3 });
        assert_eq!(out, "before");
    }
}
