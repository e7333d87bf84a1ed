//! Answers, and what they have to wait for.
//!
//! Nobody may see what a crash could take back. So an answer that shows a transaction that is not
//! on disk yet waits for it, and with it whatever its header says. One that does not goes out at
//! once.

use super::{Effects, Machine, Outgoing, Output, connection::Caller, reader::Garbled};
use crate::{
    ConnId, quota,
    tree::{NodeId, Tree},
};
use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{ErrorCode, header::ReplyHeader};

/// What a refusal, or an answer, tells of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// Nothing.
    Nothing,
    /// One znode as it is, or that it has no child of some name.
    Node(NodeId),
    /// Anything.
    All,
}

/// A request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: ErrorCode,
    pub(super) shows: Shows,
}

// === impl Refusal ===

impl Refusal {
    /// There is no such znode; the nearest one above is given.
    pub(super) fn no_node(nearest: NodeId) -> Self {
        Self {
            code: ErrorCode::NoNode,
            shows: Shows::Node(nearest),
        }
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            shows: Shows::All,
        }
    }
}

impl From<Garbled> for Refusal {
    fn from(garbled: Garbled) -> Self {
        Self {
            code: garbled.into(),
            shows: Shows::Nothing,
        }
    }
}

// === impl Machine ===

impl Machine {
    /// What something has to wait for that tells so much; zero for nothing. `path` is what was
    /// asked for.
    pub(super) fn after(&self, shows: Shows, path: &str) -> i64 {
        if self.last_zxid <= self.durable_zxid || self.is_on_disk(shows, path) {
            0
        } else {
            self.last_zxid
        }
    }

    /// A stat tells of each change by its transaction, but for those of access control lists and
    /// of quotas' counts.
    fn is_on_disk(&self, shows: Shows, path: &str) -> bool {
        match shows {
            Shows::Nothing => true,
            Shows::Node(id) => {
                self.tree.node(id).newest_zxid() <= self.durable_zxid
                    && self.tree.acl_zxid() <= self.durable_zxid
                    && (self.tree.quota_zxid() <= self.durable_zxid
                        || !path.starts_with(quota::ROOT))
            }
            Shows::All => false,
        }
    }

    /// Answers a request.
    pub(super) fn reply(
        &mut self,
        caller: &Caller,
        after: i64,
        effects: &mut Effects,
        body: impl FnOnce(&Tree, &mut BytesMut),
    ) {
        self.send_reply(caller.conn, caller.xid, 0, after, effects, body);
    }

    /// Answers a request with an error.
    pub(super) fn refuse(&mut self, caller: &Caller, refusal: Refusal, effects: &mut Effects) {
        // Which path was asked for does not matter: no error tells of a count.
        let after = self.after(refusal.shows, "");
        let code = refusal.code.to_wire();
        self.send_reply(caller.conn, caller.xid, code, after, effects, |_, _| {});
    }

    fn send_reply(
        &mut self,
        conn: ConnId,
        xid: i32,
        err: i32,
        after: i64,
        effects: &mut Effects,
        body: impl FnOnce(&Tree, &mut BytesMut),
    ) {
        let Some(connection) = self.connections.get_mut(&conn) else {
            return;
        };
        let shown = if after == 0 {
            self.durable_zxid
        } else {
            self.last_zxid
        };
        connection.sent_zxid = connection.sent_zxid.max(shown);
        let header = ReplyHeader {
            xid,
            zxid: connection.sent_zxid,
            err,
        };
        let tree = &self.tree;
        match self.frames.reply(header, |out| body(tree, out)) {
            Some(frame) => send(conn, after, frame, effects),
            // Longer than any frame can be: there is no way to answer.
            None => self.hang_up(conn, effects),
        }
    }

    /// Closes a connection behind what was sent.
    pub(super) fn hang_up(&mut self, conn: ConnId, effects: &mut Effects) {
        self.forget(conn);
        close(conn, effects);
    }
}

/// Sends a frame.
pub(super) fn send(conn: ConnId, after: i64, frame: Bytes, effects: &mut Effects) {
    effects.out.push(Outgoing {
        conn,
        after,
        what: Output::Frame(frame),
    });
}

/// Closes a connection that the machine does not know, or no longer.
pub(super) fn close(conn: ConnId, effects: &mut Effects) {
    effects.out.push(Outgoing {
        conn,
        after: 0,
        what: Output::Close,
    });
}
