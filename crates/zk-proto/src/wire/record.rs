use super::{DecodeError, Decoder};
use crate::OpCode;
use bytes::{Bytes, BytesMut};

/// Something with an encoding on the wire.
pub trait Record: Sized {
    /// The fewest bytes that an encoding takes: bounds the vectors of such records.
    const LEN_MIN: usize;

    /// Appends the encoding to `out`.
    fn encode(&self, out: &mut BytesMut);

    /// Reads one record and leaves `input` behind its last byte.
    fn decode(input: &mut Decoder) -> Result<Self, DecodeError>;

    /// Reads a record that begins at the first byte of `bytes`.
    ///
    /// Bytes behind it are ignored: a newer peer may append fields that this version lacks.
    fn from_bytes(bytes: Bytes) -> Result<Self, DecodeError> {
        Self::decode(&mut Decoder::new(bytes))
    }

    /// The encoding by itself.
    fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::new();
        self.encode(&mut out);
        out.freeze()
    }
}

/// The body of a request that has a reply of its own.
pub trait Request: Record {
    /// What the reply's body is.
    type Reply: Record;

    /// What the header says the request is.
    fn opcode(&self) -> OpCode;
}

/// Declares a struct whose encoding is its fields in order and, behind `=>`,
/// the opcode and the reply of a request.
macro_rules! record {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty, )*
        }
        $( => $opcode:ident -> $reply:ty; )?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        $vis struct $name {
            $( $(#[$field_meta])* $field_vis $field: $type, )*
        }

        impl $crate::Record for $name {
            const LEN_MIN: usize = 0 $( + <$type as $crate::Record>::LEN_MIN )*;

            fn encode(&self, out: &mut ::bytes::BytesMut) {
                $( $crate::Record::encode(&self.$field, out); )*
            }

            fn decode(input: &mut $crate::Decoder) -> Result<Self, $crate::DecodeError> {
                Ok(Self { $( $field: input.read()?, )* })
            }
        }

        $(
            impl $crate::Request for $name {
                type Reply = $reply;

                fn opcode(&self) -> $crate::OpCode {
                    $crate::OpCode::$opcode
                }
            }
        )?
    };
}

pub(crate) use record;
