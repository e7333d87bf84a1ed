//! Creating znodes.

use crate::{DecodeError, Decoder, OpCode, Record, Request, Stat, acl::Acl, wire::record};
use bytes::{Bytes, BytesMut};

/// What becomes of a znode, and who chooses its name's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CreateMode {
    /// Stays until it is deleted.
    Persistent,
    /// Ends with its session.
    Ephemeral,
    /// Stays; the server appends ten digits, the parent's count of creations.
    PersistentSequential,
    /// Ends with its session; the server appends ten digits.
    EphemeralSequential,
    /// Ends some time after its last child.
    Container,
    /// Ends when it has had no child and no change for its time to live.
    PersistentWithTtl,
    /// The same; the server appends ten digits.
    PersistentSequentialWithTtl,
}

/// The longest time to live in milliseconds, nearly 35 years: the server keeps it in 40 bits.
pub const TTL_MS_MAX: i64 = (1 << 40) - 1;

record! {
    /// Creates a znode. A time to live needs a [`CreateTtlRequest`].
    pub struct CreateRequest {
        /// The znode's path, or its beginning where the server appends digits.
        pub path: String,
        /// Its data.
        pub data: Option<Bytes>,
        /// Its access control list; an empty one is refused.
        pub acl: Vec<Acl>,
        /// A [`CreateMode`] as it stands on the wire.
        pub flags: i32,
    }
}

record! {
    /// Creates a znode that has a time to live.
    pub struct CreateTtlRequest {
        /// The znode's path, or its beginning where the server appends digits.
        pub path: String,
        /// Its data.
        pub data: Option<Bytes>,
        /// Its access control list; an empty one is refused.
        pub acl: Vec<Acl>,
        /// A [`CreateMode`] as it stands on the wire.
        pub flags: i32,
        /// The time to live in milliseconds.
        pub ttl_ms: i64,
    }
    => CreateTtl -> Create2Response;
}

record! {
    /// The answer to the first of the protocol's create operations.
    pub struct CreateResponse {
        /// The znode's path, with the digits that the server appended.
        pub path: String,
    }
}

record! {
    /// The answer to the later create operations.
    pub struct Create2Response {
        /// The znode's path, with the digits that the server appended.
        pub path: String,
        /// Its metadata.
        pub stat: Stat,
    }
}

// === impl CreateMode ===

impl CreateMode {
    /// Every mode, at the index of its number on the wire.
    pub const ALL: [Self; 7] = [
        Self::Persistent,
        Self::Ephemeral,
        Self::PersistentSequential,
        Self::EphemeralSequential,
        Self::Container,
        Self::PersistentWithTtl,
        Self::PersistentSequentialWithTtl,
    ];

    /// The mode of a request's `flags`.
    pub fn from_wire(flags: i32) -> Option<Self> {
        Self::ALL.get(usize::try_from(flags).ok()?).copied()
    }

    /// What stands on the wire.
    pub fn to_wire(self) -> i32 {
        match self {
            Self::Persistent => 0,
            Self::Ephemeral => 1,
            Self::PersistentSequential => 2,
            Self::EphemeralSequential => 3,
            Self::Container => 4,
            Self::PersistentWithTtl => 5,
            Self::PersistentSequentialWithTtl => 6,
        }
    }

    /// Whether the znode ends with its session.
    pub fn is_ephemeral(self) -> bool {
        matches!(self, Self::Ephemeral | Self::EphemeralSequential)
    }

    /// Whether the server appends digits to the name.
    pub fn is_sequential(self) -> bool {
        matches!(
            self,
            Self::PersistentSequential
                | Self::EphemeralSequential
                | Self::PersistentSequentialWithTtl
        )
    }

    /// Whether the znode has a time to live.
    pub fn has_ttl(self) -> bool {
        matches!(
            self,
            Self::PersistentWithTtl | Self::PersistentSequentialWithTtl
        )
    }
}

impl Record for CreateMode {
    const LEN_MIN: usize = i32::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        self.to_wire().encode(out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        let value = input.read()?;
        Self::from_wire(value).ok_or(DecodeError::Value {
            what: "a create mode",
            value,
        })
    }
}

// === impl CreateRequest ===

impl Request for CreateRequest {
    type Reply = Create2Response;

    /// Container znodes have an operation of their own; the body is the same.
    fn opcode(&self) -> OpCode {
        if self.flags == CreateMode::Container.to_wire() {
            OpCode::CreateContainer
        } else {
            OpCode::Create2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_round_trips() {
        for (flags, mode) in (0..).zip(CreateMode::ALL) {
            assert_eq!(mode.to_wire(), flags);
            assert_eq!(CreateMode::from_wire(flags), Some(mode));
        }
        for flags in [-1, 7, i32::MIN, i32::MAX] {
            assert_eq!(CreateMode::from_wire(flags), None);
        }
    }
}
