//! What the core counts, for people who ask.

use crate::{
    machine::{Outgoing, Output},
    traffic::{Latency, Traffic},
    txn::{Entry, Txn},
};
use dockeeper_zk_proto::OpCode;
use std::time::Duration;

/// What went over connections since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figures {
    pub(super) traffic: Traffic,
    pub(super) reads: Latency,
    pub(super) writes: Latency,
    pub(super) bytes_received: u64,
    pub(super) bytes_sent: u64,
    pub(super) handshakes: u64,
    pub(super) auth_failed: u64,
    pub(super) sessions_expired: u64,
}

/// Requests that were answered together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Requests {
    pub(super) reads: usize,
    pub(super) writes: usize,
}

// === impl Figures ===

impl Figures {
    /// Requests were answered, and other frames were sent, with so many bytes in all.
    pub(super) fn sent(&mut self, requests: Requests, others: usize, len: usize, took: Duration) {
        count(&mut self.traffic, requests, others, took);
        (0..requests.reads).for_each(|_| self.reads.add(took));
        (0..requests.writes).for_each(|_| self.writes.add(took));
        self.bytes_sent += len as u64;
    }

    /// The machine has ended what has run out of time.
    pub(super) fn ticked(&mut self, entries: &[Entry]) {
        let ended = entries
            .iter()
            .filter(|entry| entry.txn == Txn::CloseSession);
        self.sessions_expired += ended.count() as u64;
    }

    /// A request was carried out. A connection that ends by its credentials had the wrong ones.
    pub(super) fn carried_out(&mut self, opcode: Option<i32>, out: &[Outgoing]) {
        let is_auth = opcode == Some(OpCode::Auth.to_wire());
        if is_auth && out.iter().any(|outgoing| outgoing.what == Output::Close) {
            self.auth_failed += 1;
        }
    }
}

// === impl Requests ===

impl Requests {
    /// One that has changed something, or not.
    pub(super) fn one(is_write: bool) -> Self {
        Self {
            reads: usize::from(!is_write),
            writes: usize::from(is_write),
        }
    }

    /// How many there are.
    pub(super) fn count(self) -> usize {
        self.reads + self.writes
    }
}

/// Counts answers and other frames.
pub(super) fn count(traffic: &mut Traffic, requests: Requests, others: usize, took: Duration) {
    (0..requests.count()).for_each(|_| traffic.answered(took));
    (0..others).for_each(|_| traffic.sent());
}
