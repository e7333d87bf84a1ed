//! Snapshots: the state as it was after one transaction, taken block by block while it changes.
//!
//! Blocks are opaque to whoever stores them, and have to come back in their order.

mod head;
mod restorer;

pub use self::restorer::{RestoreError, Restorer};

use self::head::Head;
use super::Machine;
use crate::{Rules, tree::Captured};
use bytes::{BufMut, Bytes, BytesMut};
use dockeeper_zk_proto::Record;

const HEAD: i32 = 1;
const NODES: i32 = 2;
const END: i32 = 3;

/// What is to come of a snapshot under way.
#[derive(Debug, Default)]
pub(super) enum State {
    /// None is under way.
    #[default]
    Idle,
    /// Everything.
    Head(Bytes),
    /// All but the first block.
    Nodes,
}

// === impl Machine ===

impl Machine {
    /// Begins a snapshot of the state as it is, and says at which transaction. One that is under
    /// way is given up.
    ///
    /// What the snapshot holds may not be on disk in the log yet: the snapshot must not be made
    /// valid before it is.
    pub fn snapshot_begin(&mut self) -> i64 {
        let sessions = self.sessions.iter();
        let head = Head {
            zxid: self.last_zxid,
            last_session: self.session_ids.last().unwrap_or(0),
            sessions: sessions
                .map(|(id, session)| (id, session.timeout_ms))
                .collect(),
        };
        let mut block = BytesMut::new();
        HEAD.encode(&mut block);
        head.encode(&mut block);
        self.snapshot = State::Head(block.freeze());
        self.tree.capture_begin();
        self.last_zxid
    }

    /// The snapshot's next block, of about so many znodes; `None` behind the last one.
    ///
    /// A block has all that changed since the one before: it can be longer, but each znode is
    /// written once.
    pub fn snapshot_block(&mut self, nodes_max: usize) -> Option<Bytes> {
        match std::mem::replace(&mut self.snapshot, State::Nodes) {
            State::Idle => {
                self.snapshot = State::Idle;
                None
            }
            State::Head(block) => Some(block),
            State::Nodes => self.snapshot_nodes(nodes_max),
        }
    }

    fn snapshot_nodes(&mut self, nodes_max: usize) -> Option<Bytes> {
        let mut block = BytesMut::new();
        match self.tree.capture_slice(nodes_max)? {
            Captured::Slice(items) => {
                block.reserve(items.len() + size_of_val(&NODES));
                NODES.encode(&mut block);
                block.put(items);
            }
            Captured::End(nodes) => {
                self.snapshot = State::Idle;
                END.encode(&mut block);
                nodes.cast_signed().encode(&mut block);
            }
        }
        Some(block.freeze())
    }

    /// Begins to put a snapshot back.
    pub fn restore(rules: Rules, key: [u8; 32]) -> Restorer {
        Restorer::new(rules, key)
    }
}
