//! Ends: of connections and of sessions.

use super::{Effects, Machine, Now, answer::Shows, connection::Caller};
use crate::{ConnId, Txn, tree::Stamp};
use dockeeper_zk_proto::ErrorCode;

// === impl Machine ===

impl Machine {
    /// Forgets a connection; its session goes on.
    pub(super) fn forget(&mut self, conn: ConnId) {
        if let Some(connection) = self.connections.remove(&conn) {
            self.sessions.detach(connection.session, conn);
            self.watches.drop_connection(conn);
        }
    }

    /// Clears up to `max` watches of forgotten connections away.
    pub fn sweep_watches(&mut self, max: usize) {
        self.watches.sweep(max);
    }

    /// A client ends its session: it still gets the events of that, then the reply.
    pub(super) fn close_session(
        &mut self,
        caller: &Caller,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), ErrorCode> {
        self.end_session(caller.session, now, effects)?;
        let after = self.after(Shows::All, "");
        self.reply(caller, after, effects, |_, _| {});
        self.hang_up(caller.conn, effects);
        Ok(())
    }

    /// Ends the sessions whose time is over. Without room in the log they stay, and are looked at
    /// again in the next tick.
    pub(super) fn expire(&mut self, now: Now, effects: &mut Effects) {
        for session in self.sessions.due(now.mono) {
            let conn = self.sessions.get(session).and_then(|session| session.conn);
            if self.end_session(session, now, effects).is_err() {
                return;
            }
            if let Some(conn) = conn {
                self.hang_up(conn, effects);
            }
        }
    }

    fn end_session(
        &mut self,
        session: i64,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), ErrorCode> {
        let txn = Txn::CloseSession;
        self.take_reserved_room(&txn)?;
        let entry = self.enter(session, txn, now);
        self.apply_close(Stamp::of(&entry), effects);
        effects.entries.push(entry);
        Ok(())
    }

    /// A session is over: its ephemeral znodes go with it.
    pub(super) fn apply_close(&mut self, stamp: Stamp, effects: &mut Effects) {
        let nodes: Vec<_> = self.tree.ephemerals(stamp.session).collect();
        for id in nodes {
            let path = self.tree.path(id);
            let witnesses = self.witnesses(id);
            self.tree.delete(id, &path, stamp);
            self.fire_deleted(&path, witnesses, stamp.zxid, effects);
        }
        self.sessions.end(stamp.session);
    }
}
