//! A batch: what was written with one write and one sync.

use super::{
    group::{Group, RECORD_HEAD_LEN},
    room::SECTOR,
};
use bytes::{Buf, BufMut, Bytes};

const MAGIC: u32 = u32::from_be_bytes(*b"DKtx");

/// Magic, checksum, segment, number, length, count, first and last zxid.
pub(super) const HEAD_LEN: usize = 4 + 4 + 8 + 8 + 4 + 4 + 8 + 8;

/// Where the checksum stands, and what it covers begins.
const CRC_AT: usize = 4;
const CRC_END: usize = 8;

/// How much of the log a batch with a body of this length takes: whole sectors.
pub(super) fn cost(body_len: usize) -> u64 {
    ((HEAD_LEN + body_len) as u64).next_multiple_of(SECTOR)
}

/// What stands before a batch's transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::storage) struct BatchHead {
    crc: u32,
    /// The segment that it belongs to. Random, and no client ever sees it, so none can write
    /// data that passes for a batch.
    segment: u64,
    /// Its number in the segment, from zero on.
    pub(in crate::storage) number: u64,
    body_len: u32,
    count: u32,
    pub(in crate::storage) first_zxid: i64,
    pub(in crate::storage) last_zxid: i64,
}

/// A batch that is whole.
#[derive(Clone, Debug)]
pub(in crate::storage) struct Batch {
    pub(in crate::storage) head: BatchHead,
    /// Where in the segment it starts.
    pub(in crate::storage) offset: u64,
    /// All of it.
    pub(in crate::storage) bytes: Bytes,
}

// === impl BatchHead ===

impl BatchHead {
    /// Writes a batch behind what is in `out`, which is empty or whole sectors. Gives the last
    /// zxid in it.
    pub(super) fn write(segment: u64, number: u64, groups: &[Group], out: &mut Vec<u8>) -> i64 {
        let start = out.len();
        let first_zxid = groups.first().map_or(0, Group::first_zxid);
        let last_zxid = groups.last().map_or(0, Group::last_zxid);
        let body_len: usize = groups.iter().map(|group| group.body().len()).sum();
        out.put_u32(MAGIC);
        out.put_u32(0);
        out.put_u64(segment);
        out.put_u64(number);
        // Both are bounded by what a batch may come to.
        out.put_u32(u32::try_from(body_len).unwrap_or(u32::MAX));
        out.put_u32(u32::try_from(last_zxid - first_zxid + 1).unwrap_or(u32::MAX));
        out.put_i64(first_zxid);
        out.put_i64(last_zxid);
        for group in groups {
            out.extend_from_slice(group.body());
        }
        let crc = crc32c::crc32c(&out[start + CRC_END..]);
        out[start + CRC_AT..start + CRC_END].copy_from_slice(&crc.to_be_bytes());
        let sectors = (out.len() - start).next_multiple_of(SECTOR as usize);
        out.resize(start + sectors, 0);
        last_zxid
    }

    /// Reads a head, if this is one of this segment. Its checksum is not known to be right.
    pub(super) fn read(mut bytes: &[u8], segment: u64) -> Option<Self> {
        if bytes.len() < HEAD_LEN || bytes.get_u32() != MAGIC {
            return None;
        }
        let head = Self {
            crc: bytes.get_u32(),
            segment: bytes.get_u64(),
            number: bytes.get_u64(),
            body_len: bytes.get_u32(),
            count: bytes.get_u32(),
            first_zxid: bytes.get_i64(),
            last_zxid: bytes.get_i64(),
        };
        (head.segment == segment).then_some(head)
    }

    /// How long head and body are.
    pub(super) fn len(&self) -> usize {
        HEAD_LEN + self.body_len as usize
    }

    /// How much of the segment it takes.
    pub(super) fn cost(&self) -> u64 {
        cost(self.body_len as usize)
    }

    /// Whether these bytes, head and body, are what was written.
    pub(super) fn matches(&self, bytes: &[u8]) -> bool {
        bytes.len() == self.len() && crc32c::crc32c(&bytes[CRC_END..]) == self.crc
    }

    /// Whether its numbers fit together, as they do in all that this program writes.
    fn is_sound(&self) -> bool {
        let count = self.last_zxid.checked_sub(self.first_zxid);
        self.first_zxid > 0 && count.is_some_and(|count| count == i64::from(self.count) - 1)
    }
}

// === impl Batch ===

impl Batch {
    /// How much of the segment it takes.
    pub(in crate::storage) fn cost(&self) -> u64 {
        self.head.cost()
    }

    /// Its encoded transactions; `None` if they are not what the head says.
    pub(in crate::storage) fn records(&self) -> Option<Vec<Bytes>> {
        let mut body = self.bytes.slice(HEAD_LEN..);
        // The shortest record is its length alone: nothing makes this take more than the batch.
        let mut records = Vec::with_capacity(body.len().min(self.head.count as usize));
        while body.len() >= RECORD_HEAD_LEN {
            let len = body.get_u32() as usize;
            if len > body.len() {
                return None;
            }
            records.push(body.split_to(len));
        }
        let is_whole = body.is_empty() && records.len() == self.head.count as usize;
        (is_whole && self.head.is_sound()).then_some(records)
    }
}
