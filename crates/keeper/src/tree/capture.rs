//! A snapshot of the tree as it was at one moment, taken in slices while the tree changes.
//!
//! Places are written in order. Whatever is about to change a place that has not been written yet
//! writes it first, as it still is. Places that were free at the beginning are not part of it.

use super::{AclId, NodeId, Tree, codec};
use bytes::{Bytes, BytesMut};
use std::collections::HashSet;

/// A slice ends when it has so many bytes, however few znodes they are: a slice is taken between
/// two requests, and is one block on disk.
const SLICE_LEN: usize = 1024 * 1024;

/// A snapshot under way.
#[derive(Debug)]
pub(super) struct Capture {
    /// The places that there were at the beginning.
    slots: u32,
    /// All places before this one are written.
    next: u32,
    /// Places that were written, or taken for the first time, out of turn: a bit each.
    done: Vec<u64>,
    /// The lists that have been written. A number stands for one list in all of a snapshot: it is
    /// free for another only when each znode of the first has changed, and so has been written.
    acls: HashSet<AclId>,
    pending: BytesMut,
    /// How many znodes have been written.
    nodes: u64,
}

/// What there is to write next.
#[derive(Debug)]
pub(crate) enum Captured {
    /// Some znodes.
    Slice(Bytes),
    /// That was all; so many znodes.
    End(u64),
}

// === impl Tree ===

impl Tree {
    /// Begins a snapshot of the tree as it is now.
    pub(crate) fn capture_begin(&mut self) {
        let slots = self.nodes.slots();
        self.capture = Some(Box::new(Capture {
            slots,
            next: 0,
            done: vec![0; (slots as usize).div_ceil(64)],
            acls: HashSet::new(),
            pending: BytesMut::new(),
            nodes: 0,
        }));
    }

    /// The next slice, of about so many znodes; `None` when no snapshot is under way.
    pub(crate) fn capture_slice(&mut self, nodes_max: usize) -> Option<Captured> {
        let mut capture = self.capture.take()?;
        let mut nodes = 0;
        while capture.next < capture.slots && nodes < nodes_max {
            if capture.pending.len() >= SLICE_LEN {
                break;
            }
            let id = NodeId(capture.next);
            nodes += usize::from(self.write(&mut capture, id));
            capture.next += 1;
        }
        if capture.pending.is_empty() && capture.next == capture.slots {
            return Some(Captured::End(capture.nodes));
        }
        let slice = capture.pending.split().freeze();
        self.capture = Some(capture);
        Some(Captured::Slice(slice))
    }

    /// A znode is about to change.
    pub(super) fn capture(&mut self, id: NodeId) {
        if let Some(mut capture) = self.capture.take() {
            self.write(&mut capture, id);
            self.capture = Some(capture);
        }
    }

    /// A free place is about to be taken.
    pub(super) fn hide(&mut self, id: NodeId) {
        if let Some(capture) = &mut self.capture {
            capture.mark(id);
        }
    }

    /// Writes a place, if it is still to be written; false if not.
    fn write(&self, capture: &mut Capture, id: NodeId) -> bool {
        if !capture.mark(id) {
            return false;
        }
        let Some(node) = self.nodes.get(id) else {
            return false;
        };
        if capture.acls.insert(node.acl) {
            codec::encode_acl(node.acl, self.acls.get(node.acl), &mut capture.pending);
        }
        codec::encode_node(id, node, &mut capture.pending);
        capture.nodes += 1;
        true
    }
}

// === impl Capture ===

impl Capture {
    /// Notes that a place is done with; false if it was, or is none of the snapshot's.
    fn mark(&mut self, id: NodeId) -> bool {
        if id.0 < self.next || id.0 >= self.slots {
            return false;
        }
        let word = &mut self.done[id.0 as usize / 64];
        let bit = 1 << (id.0 % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}
