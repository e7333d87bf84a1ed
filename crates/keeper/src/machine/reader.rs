//! Reading requests where they lie, without copies.
//!
//! Accepts what Apache's server accepts: bytes behind the last field, text that is not UTF-8 (each
//! wrong byte is read as U+FFFD, which no path may have), and null where it has a meaning.

use dockeeper_zk_proto::{
    ErrorCode,
    acl::{Acl, Id},
};
use std::borrow::Cow;

/// A request cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Garbled;

/// Reads fields one after another.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

/// The fewest bytes that an access control list's entry takes.
const ACL_LEN_MIN: usize = 12;

/// The fewest bytes that a string takes.
const STRING_LEN_MIN: usize = 4;

// === impl Garbled ===

impl From<Garbled> for ErrorCode {
    fn from(_: Garbled) -> Self {
        Self::MarshallingError
    }
}

// === impl Reader ===

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Garbled> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Garbled> {
        self.array().map(i64::from_be_bytes)
    }

    pub(super) fn bool(&mut self) -> Result<bool, Garbled> {
        self.array().map(|[byte]| byte != 0)
    }

    /// Bytes, or null.
    pub(super) fn buffer(&mut self) -> Result<Option<&'a [u8]>, Garbled> {
        let len = self.i32()?;
        if len == -1 {
            return Ok(None);
        }
        let len = usize::try_from(len).map_err(|_| Garbled)?;
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(Garbled)?;
        self.0 = rest;
        Ok(Some(bytes))
    }

    /// Text, or null.
    pub(super) fn text_or_null(&mut self) -> Result<Option<Cow<'a, str>>, Garbled> {
        Ok(self.buffer()?.map(String::from_utf8_lossy))
    }

    /// Text where null has no meaning.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, Garbled> {
        self.text_or_null()?.ok_or(Garbled)
    }

    /// A path that has yet to be found right: null is as wrong as an empty one.
    pub(super) fn path(&mut self) -> Result<Cow<'a, str>, Garbled> {
        Ok(self.text_or_null()?.unwrap_or_default())
    }

    /// Texts where null has no meaning.
    pub(super) fn texts(&mut self) -> Result<Vec<Cow<'a, str>>, Garbled> {
        let count = self.count(STRING_LEN_MIN)?.ok_or(Garbled)?;
        (0..count).map(|_| self.text()).collect()
    }

    /// An access control list, or null, which is as good as an empty one. An entry without a
    /// scheme or an id has empty ones: no scheme takes those.
    pub(super) fn acl(&mut self) -> Result<Vec<Acl>, Garbled> {
        let count = self.count(ACL_LEN_MIN)?.unwrap_or(0);
        (0..count).map(|_| self.acl_entry()).collect()
    }

    fn acl_entry(&mut self) -> Result<Acl, Garbled> {
        Ok(Acl {
            perms: self.i32()?,
            id: Id {
                scheme: self.text_or_null()?.unwrap_or_default().into_owned(),
                id: self.text_or_null()?.unwrap_or_default().into_owned(),
            },
        })
    }

    /// How many elements follow. A count that the rest cannot hold is refused, so that memory is
    /// bounded by the frame; a negative one other than null's is none, as for Apache.
    fn count(&mut self, element_len_min: usize) -> Result<Option<usize>, Garbled> {
        let count = self.i32()?;
        match usize::try_from(count) {
            Ok(count) if count > self.0.len() / element_len_min => Err(Garbled),
            Ok(count) => Ok(Some(count)),
            Err(_) if count == -1 => Ok(None),
            Err(_) => Ok(Some(0)),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Garbled> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Garbled)?;
        self.0 = rest;
        Ok(*bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there_and_no_more() {
        let mut reader = Reader::new(b"\0\0\0\x02/a\xff\xff\xff\xff\x01\0\0\0\x01\xfe");
        assert_eq!(reader.text().unwrap(), "/a");
        assert_eq!(reader.clone().text(), Err(Garbled));
        assert_eq!(reader.text_or_null().unwrap(), None);
        assert!(reader.bool().unwrap());
        assert_eq!(reader.text().unwrap(), "\u{fffd}");
        assert_eq!(reader.bool(), Err(Garbled));
    }

    #[test]
    fn no_length_makes_it_allocate() {
        for length in [i32::MAX, 3, -2, i32::MIN] {
            let mut bytes = length.to_be_bytes().to_vec();
            bytes.extend([0; 8]);
            assert_eq!(Reader::new(&bytes[..6]).buffer(), Err(Garbled));
            let texts = Reader::new(&bytes).texts();
            assert_eq!(texts, if length < 0 { Ok(vec![]) } else { Err(Garbled) });
        }
        assert_eq!(Reader::new(&(-1i32).to_be_bytes()).texts(), Err(Garbled));
        assert_eq!(Reader::new(&(-1i32).to_be_bytes()).acl(), Ok(vec![]));
    }
}
