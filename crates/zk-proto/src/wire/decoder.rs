use bytes::{Buf, Bytes};

/// Why bytes are not the record that they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The frame ends inside a field.
    #[error("the frame ends {missing} bytes before the end of a field")]
    Truncated {
        /// How many bytes the field lacks.
        missing: usize,
    },
    /// A length is negative, or larger than what the rest of the frame can hold.
    #[error("a length of {length} with {remaining} bytes left in the frame")]
    Length {
        /// The length as it stands on the wire.
        length: i32,
        /// How many bytes follow it.
        remaining: usize,
    },
    /// A string is not UTF-8.
    #[error("a string is not UTF-8")]
    NotUtf8,
    /// A field is null that never may be.
    #[error("a field is null that must have a value")]
    Null,
    /// A field holds a number that stands for nothing.
    #[error("{what} cannot be {value}")]
    Value {
        /// What the field is.
        what: &'static str,
        /// The number that it holds.
        value: i32,
    },
}

/// Reads fields one after another from one frame.
///
/// Buffers are slices that share the frame's memory.
#[derive(Clone, Debug)]
pub struct Decoder {
    input: Bytes,
}

// === impl Decoder ===

impl Decoder {
    /// Starts at the first byte of `input`.
    pub fn new(input: Bytes) -> Self {
        Self { input }
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.input.len()
    }

    /// What is left, unread.
    pub fn into_rest(self) -> Bytes {
        self.input
    }

    /// Reads a record.
    pub fn read<T: super::Record>(&mut self) -> Result<T, DecodeError> {
        T::decode(self)
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.need(N)?;
        let mut out = [0; N];
        self.input.copy_to_slice(&mut out);
        Ok(out)
    }

    /// Reads a length; null is `None`.
    pub(super) fn length(&mut self) -> Result<Option<usize>, DecodeError> {
        let length: i32 = self.read()?;
        if length == -1 {
            return Ok(None);
        }
        usize::try_from(length)
            .map(Some)
            .map_err(|_| self.bad_length(length))
    }

    /// Reads a length and as many bytes; null is `None`.
    pub(super) fn buffer(&mut self) -> Result<Option<Bytes>, DecodeError> {
        let Some(length) = self.length()? else {
            return Ok(None);
        };
        self.need(length)?;
        Ok(Some(self.input.split_to(length)))
    }

    /// Reads the count of a vector whose elements take at least `element_len_min` bytes each.
    ///
    /// The count is checked against what is left of the frame, so that a vector's memory is
    /// bounded by the frame's length.
    pub(super) fn count(&mut self, element_len_min: usize) -> Result<Option<usize>, DecodeError> {
        let Some(count) = self.length()? else {
            return Ok(None);
        };
        if count > self.remaining() / element_len_min.max(1) {
            return Err(self.bad_length(i32::try_from(count).unwrap_or(i32::MAX)));
        }
        Ok(Some(count))
    }

    fn need(&self, length: usize) -> Result<(), DecodeError> {
        match length.checked_sub(self.remaining()) {
            None | Some(0) => Ok(()),
            Some(missing) => Err(DecodeError::Truncated { missing }),
        }
    }

    fn bad_length(&self, length: i32) -> DecodeError {
        DecodeError::Length {
            length,
            remaining: self.remaining(),
        }
    }
}
