//! Putting a snapshot back.

use super::{END, HEAD, Head, NODES};
use crate::{
    Machine, Rules,
    machine::tree_seed,
    tree::{Restoring, Unfit},
};
use bytes::Bytes;
use dockeeper_zk_proto::{DecodeError, Decoder};
use std::time::Duration;

/// Why a snapshot cannot be put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Bytes are not what they should be.
    #[error("a block of the snapshot cannot be read: {0}")]
    Decode(#[from] DecodeError),
    /// The znodes are no tree.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// A block comes where it should not.
    #[error("the snapshot has a block of the kind {0} where another one is due")]
    Order(i32),
    /// The snapshot ends too early.
    #[error("the snapshot lacks its beginning or its end")]
    Incomplete,
    /// The snapshot is another one.
    #[error("the snapshot was taken at transaction {found:#x}, not at {expected:#x}")]
    Zxid {
        /// What its name says.
        expected: i64,
        /// What it says itself.
        found: i64,
    },
}

/// Puts a snapshot back, block by block.
#[derive(Debug)]
pub struct Restorer {
    rules: Rules,
    key: [u8; 32],
    head: Option<Head>,
    tree: Restoring,
    /// How many znodes there should be: what the last block says.
    nodes: Option<u64>,
}

// === impl Restorer ===

impl Restorer {
    pub(super) fn new(rules: Rules, key: [u8; 32]) -> Self {
        Self {
            rules,
            key,
            head: None,
            tree: Restoring::new(tree_seed(&key)),
            nodes: None,
        }
    }

    /// Takes the next block. After an error the restorer is of no use.
    pub fn block(&mut self, block: Bytes) -> Result<(), RestoreError> {
        let mut input = Decoder::new(block);
        match input.read()? {
            HEAD if self.head.is_none() => self.head = Some(input.read()?),
            NODES if self.head.is_some() && self.nodes.is_none() => {
                self.tree.slice(input.into_rest())?;
            }
            END if self.head.is_some() && self.nodes.is_none() => {
                self.nodes = Some(input.read::<i64>()?.cast_unsigned());
            }
            kind => return Err(RestoreError::Order(kind)),
        }
        Ok(())
    }

    /// Checks and links everything. `zxid` is what [`Machine::snapshot_begin`] said. What the log
    /// has behind it has to be [replayed](Machine::replay) then.
    pub fn finish(self, zxid: i64) -> Result<Machine, RestoreError> {
        let (Some(head), Some(nodes)) = (self.head, self.nodes) else {
            return Err(RestoreError::Incomplete);
        };
        if head.zxid != zxid {
            return Err(RestoreError::Zxid {
                expected: zxid,
                found: head.zxid,
            });
        }
        let tree = self.tree.finish(nodes)?;
        let mut machine = Machine::with_tree(self.rules, &self.key, tree);
        machine.last_zxid = zxid;
        if head.last_session != 0 {
            machine.session_ids.note(head.last_session);
        }
        for (id, timeout_ms) in head.sessions {
            machine.session_ids.note(id);
            machine.sessions.begin(id, timeout_ms, Duration::ZERO);
        }
        Ok(machine)
    }
}
