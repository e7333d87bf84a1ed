use super::{DecodeError, Decoder, Record};
use bytes::{BufMut, Bytes, BytesMut};

/// Bytes that a length takes.
const LENGTH_LEN: usize = 4;

impl Record for () {
    const LEN_MIN: usize = 0;

    fn encode(&self, _: &mut BytesMut) {}

    fn decode(_: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(())
    }
}

impl Record for bool {
    const LEN_MIN: usize = 1;

    fn encode(&self, out: &mut BytesMut) {
        out.put_u8(u8::from(*self));
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        let [byte] = input.bytes()?;
        Ok(byte != 0)
    }
}

impl Record for i32 {
    const LEN_MIN: usize = size_of::<Self>();

    fn encode(&self, out: &mut BytesMut) {
        out.put_i32(*self);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        input.bytes().map(Self::from_be_bytes)
    }
}

impl Record for i64 {
    const LEN_MIN: usize = size_of::<Self>();

    fn encode(&self, out: &mut BytesMut) {
        out.put_i64(*self);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        input.bytes().map(Self::from_be_bytes)
    }
}

impl Record for String {
    const LEN_MIN: usize = LENGTH_LEN;

    fn encode(&self, out: &mut BytesMut) {
        put_buffer(out, self.as_bytes());
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        let bytes = input.buffer()?.ok_or(DecodeError::Null)?;
        std::str::from_utf8(&bytes)
            .map(str::to_owned)
            .map_err(|_| DecodeError::NotUtf8)
    }
}

/// A buffer that may be null: a znode without data and one with empty data are two things.
impl Record for Option<Bytes> {
    const LEN_MIN: usize = LENGTH_LEN;

    fn encode(&self, out: &mut BytesMut) {
        match self {
            Some(bytes) => put_buffer(out, bytes),
            None => out.put_i32(-1),
        }
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        input.buffer()
    }
}

/// A vector; null is read as an empty one, as Apache's own client and server do.
impl<T: Record> Record for Vec<T> {
    const LEN_MIN: usize = LENGTH_LEN;

    fn encode(&self, out: &mut BytesMut) {
        put_length(out, self.len());
        for element in self {
            element.encode(out);
        }
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        let count = input.count(T::LEN_MIN)?.unwrap_or(0);
        (0..count).map(|_| T::decode(input)).collect()
    }
}

fn put_buffer(out: &mut BytesMut, bytes: &[u8]) {
    put_length(out, bytes.len());
    out.put_slice(bytes);
}

/// A length above `i32::MAX` cannot be written. It becomes one that no frame can hold, and the
/// frame is refused for its size before it is sent.
fn put_length(out: &mut BytesMut, length: usize) {
    out.put_i32(i32::try_from(length).unwrap_or(i32::MAX));
}
