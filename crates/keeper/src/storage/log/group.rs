use super::{batch, room::Sizes};
use crate::txn::Entry;
use bytes::BytesMut;
use dockeeper_zk_proto::Record;

/// The length in front of each transaction.
pub(super) const RECORD_HEAD_LEN: usize = 4;

/// The transactions of one request, as they are written.
#[derive(Debug)]
pub struct Group {
    body: BytesMut,
    first_zxid: i64,
    last_zxid: i64,
}

/// Why transactions cannot be logged. Each means a mistake in who made them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// They are not the next ones.
    #[error("transaction {got:#x} was given to the log where {expected:#x} is the next")]
    Order {
        /// The next transaction's zxid.
        expected: i64,
        /// What came instead.
        got: i64,
    },
    /// They are too long for one write.
    #[error(
        "the transactions of one request take {cost} bytes of the log, which is more than \
         {cost_max}: use a smaller jute.maxbuffer"
    )]
    TooLong {
        /// How much they take.
        cost: u64,
        /// How much they may take.
        cost_max: u64,
    },
}

// === impl Group ===

impl Group {
    /// Encodes transactions that follow `last_zxid`, and each other.
    ///
    /// # Errors
    /// They do not, or they are too long.
    pub fn of(entries: &[Entry], last_zxid: i64, sizes: &Sizes) -> Result<Self, GroupError> {
        let mut group = Self {
            body: BytesMut::new(),
            first_zxid: last_zxid + 1,
            last_zxid,
        };
        for entry in entries {
            group.push(entry)?;
        }
        let (cost, cost_max) = (group.cost(), sizes.group_len_max);
        if cost > cost_max {
            return Err(GroupError::TooLong { cost, cost_max });
        }
        Ok(group)
    }

    fn push(&mut self, entry: &Entry) -> Result<(), GroupError> {
        let expected = self.last_zxid + 1;
        if entry.zxid != expected {
            return Err(GroupError::Order {
                expected,
                got: entry.zxid,
            });
        }
        let start = self.body.len();
        self.body.extend_from_slice(&[0; RECORD_HEAD_LEN]);
        entry.encode(&mut self.body);
        let len = self.body.len() - start - RECORD_HEAD_LEN;
        // One that does not fit into 32 bits is far too long for a group.
        let head = u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes();
        self.body[start..start + RECORD_HEAD_LEN].copy_from_slice(&head);
        self.last_zxid = expected;
        Ok(())
    }

    /// How much of the log it takes at most.
    pub fn cost(&self) -> u64 {
        batch::cost(self.body.len())
    }

    /// The last transaction.
    pub fn last_zxid(&self) -> i64 {
        self.last_zxid
    }

    pub(super) fn first_zxid(&self) -> i64 {
        self.first_zxid
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }
}
