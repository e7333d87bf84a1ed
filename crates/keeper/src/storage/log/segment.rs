//! The first sector of a segment.

use super::room::SECTOR;
use bytes::{Buf, BufMut};

const MAGIC: &[u8; 8] = b"DKPRLOG\n";

/// What is read here. One that is written otherwise gets another number.
const VERSION: u32 = 1;

/// Magic, version, checksum, id, first zxid.
const HEAD_LEN: usize = 8 + 4 + 4 + 8 + 8;

/// Where what the checksum covers begins.
const CRC_END: usize = 16;

/// What a segment says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::storage) struct Head {
    /// Random, so that nothing but its own batches is taken for them.
    pub(in crate::storage) id: u64,
    /// The first transaction.
    pub(in crate::storage) first_zxid: i64,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The file does not begin as one of its kind.
    #[error("it does not begin with what the server writes there")]
    Foreign,
    /// Another version wrote it.
    #[error("it has format {0}, which this version does not read: start the one that wrote it")]
    Version(u32),
    /// The checksum is not that of the content.
    #[error("its checksum is wrong")]
    Checksum,
    /// The checksum is right, and the content makes no sense.
    #[error("what it says about itself does not fit together")]
    Unsound,
    /// It is over too early.
    #[error("it ends in the middle")]
    Short,
    /// There is more than there should be.
    #[error("something is behind its end")]
    Long,
}

// === impl Head ===

impl Head {
    /// The sector.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut body = Vec::new();
        body.put_u64(self.id);
        body.put_i64(self.first_zxid);
        let mut out = Vec::with_capacity(SECTOR as usize);
        out.put_slice(MAGIC);
        out.put_u32(VERSION);
        out.put_u32(crc32c::crc32c(&body));
        out.put_slice(&body);
        out.resize(SECTOR as usize, 0);
        out
    }

    /// Reads the beginning of a segment.
    ///
    /// # Errors
    /// It is none, or one of another version.
    pub(in crate::storage) fn read(bytes: &[u8]) -> Result<Self, Damage> {
        if bytes.len() < HEAD_LEN {
            return Err(Damage::Short);
        }
        let (mut fields, body) = (&bytes[MAGIC.len()..CRC_END], &bytes[CRC_END..HEAD_LEN]);
        if !bytes.starts_with(MAGIC) {
            return Err(Damage::Foreign);
        }
        let version = fields.get_u32();
        if version != VERSION {
            return Err(Damage::Version(version));
        }
        if fields.get_u32() != crc32c::crc32c(body) {
            return Err(Damage::Checksum);
        }
        let mut body = body;
        Ok(Self {
            id: body.get_u64(),
            first_zxid: body.get_i64(),
        })
    }
}
