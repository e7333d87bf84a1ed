//! How a snapshot is written.

use crate::storage::log::Damage;
use bytes::{Buf, BufMut};

const MAGIC: &[u8; 8] = b"DKPRSNP\n";

/// What is read here. One that is written otherwise gets another number.
const VERSION: u32 = 1;

/// Magic, version, checksum, zxid.
pub(super) const HEAD_LEN: usize = 8 + 4 + 4 + 8;

/// Where what the head's checksum covers begins.
const HEAD_CRC_END: usize = 16;

/// Length and checksum.
pub(super) const BLOCK_HEAD_LEN: usize = 4 + 4;

/// A block of no length, the number of blocks, the length of all.
pub(super) const FOOT_LEN: usize = BLOCK_HEAD_LEN + 8 + 8;

/// How long a block may be: what holds many znodes as large as they can be, and still has a
/// length of 32 bits.
pub(super) const BLOCK_LEN_MAX: usize = 1 << 30;

/// What the blocks so far come to.
///
/// Each checksum goes on from the one before, so the last one stands for all blocks in their
/// order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    blocks: u64,
    len: u64,
    crc: u32,
}

/// What stands before a block's content.
pub(super) struct BlockHead {
    pub(super) len: usize,
    crc: u32,
}

pub(super) fn head(zxid: i64) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD_LEN);
    out.put_slice(MAGIC);
    out.put_u32(VERSION);
    out.put_u32(crc32c::crc32c(&zxid.to_be_bytes()));
    out.put_i64(zxid);
    out
}

/// Reads a head: the zxid, and what the blocks are summed up from.
pub(super) fn read_head(bytes: &[u8]) -> Result<(i64, Sum), Damage> {
    if bytes.len() < HEAD_LEN {
        return Err(Damage::Short);
    }
    if !bytes.starts_with(MAGIC) {
        return Err(Damage::Foreign);
    }
    let mut fields = &bytes[MAGIC.len()..HEAD_LEN];
    let version = fields.get_u32();
    if version != VERSION {
        return Err(Damage::Version(version));
    }
    if fields.get_u32() != crc32c::crc32c(&bytes[HEAD_CRC_END..HEAD_LEN]) {
        return Err(Damage::Checksum);
    }
    let zxid = fields.get_i64();
    Ok((zxid, Sum::of_head(zxid)))
}

// === impl Sum ===

impl Sum {
    /// Before the first block.
    pub(super) fn of_head(zxid: i64) -> Self {
        Self {
            blocks: 0,
            len: 0,
            crc: crc32c::crc32c(&zxid.to_be_bytes()),
        }
    }

    /// Takes a block in, and gives what stands before it.
    pub(super) fn push(&mut self, block: &[u8]) -> [u8; BLOCK_HEAD_LEN] {
        self.crc = crc32c::crc32c_append(self.crc, block);
        self.blocks += 1;
        self.len += block.len() as u64;
        let mut head = [0; BLOCK_HEAD_LEN];
        let mut out = &mut head[..];
        out.put_u32(u32::try_from(block.len()).unwrap_or(u32::MAX));
        out.put_u32(self.crc);
        head
    }

    /// Takes in a block that was read; gives whether it is what was written.
    #[must_use]
    pub(super) fn check(&mut self, head: &BlockHead, block: &[u8]) -> bool {
        self.push(block);
        self.crc == head.crc
    }

    pub(super) fn foot(&self) -> Vec<u8> {
        let mut numbers = Vec::with_capacity(FOOT_LEN);
        numbers.put_u64(self.blocks);
        numbers.put_u64(self.len);
        let mut out = Vec::with_capacity(FOOT_LEN);
        out.put_u32(0);
        out.put_u32(crc32c::crc32c_append(self.crc, &numbers));
        out.put_slice(&numbers);
        out
    }
}

// === impl BlockHead ===

impl BlockHead {
    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= BLOCK_HEAD_LEN).then(|| Self {
            len: bytes.get_u32() as usize,
            crc: bytes.get_u32(),
        })
    }
}
