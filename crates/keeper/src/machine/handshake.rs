//! The first frame of a connection.

use super::{
    Effects, Machine, NoSession, Now, Peer,
    answer::{Shows, close, send},
    connection::Connection,
};
use crate::{ConnId, Txn};
use dockeeper_zk_proto::{
    Record,
    connect::{ConnectRequest, ConnectResponse, Password},
};

// === impl Machine ===

impl Machine {
    pub(super) fn connect(
        &mut self,
        conn: ConnId,
        peer: Peer,
        request: &ConnectRequest,
        now: Now,
        effects: &mut Effects,
    ) {
        // A client that has seen more than there is must not see time go backwards.
        if request.last_zxid_seen > self.last_zxid {
            let (seen, last) = (request.last_zxid_seen, self.last_zxid);
            effects.no_session = Some(NoSession::Behind { seen, last });
            close(conn, effects);
            return;
        }
        let timeout_ms = self.rules.timeouts().grant(request.timeout_ms);
        if request.session_id == 0 {
            self.open(conn, peer, request, timeout_ms, now, effects);
        } else {
            self.reopen(conn, peer, request, timeout_ms, now, effects);
        }
    }

    /// A new session; the connection is closed if there can be none.
    fn open(
        &mut self,
        conn: ConnId,
        peer: Peer,
        request: &ConnectRequest,
        timeout_ms: i32,
        now: Now,
        effects: &mut Effects,
    ) {
        let txn = Txn::CreateSession { timeout_ms };
        let room = self.sessions.room().map_err(NoSession::from);
        let room = room.and_then(|()| {
            let taken = self.take_reserved_room(&txn);
            taken.map_err(|_| NoSession::NoRoom)
        });
        if let Err(why) = room {
            effects.no_session = Some(why);
            close(conn, effects);
            return;
        }
        let session = self.session_ids.next(now.wall_ms);
        let entry = self.enter(session, txn, now);
        effects.entries.push(entry);
        self.sessions.begin(session, timeout_ms, now.mono);
        self.welcome(conn, peer, request, session, timeout_ms, now, effects);
    }

    /// A session goes on, on another connection. The password is looked at first: whoever only
    /// knows a session's number cannot throw its client out.
    fn reopen(
        &mut self,
        conn: ConnId,
        peer: Peer,
        request: &ConnectRequest,
        timeout_ms: i32,
        now: Now,
        effects: &mut Effects,
    ) {
        let session = request.session_id;
        let is_known = self.sessions.get(session).is_some();
        if !(self.key.verify(session, &request.password) && is_known) {
            let refusal = ConnectResponse {
                protocol_version: 0,
                timeout_ms: 0,
                session_id: 0,
                password: Password::zero(),
                read_only: request.read_only.map(|_| false),
            };
            let after = self.after(Shows::All, "");
            self.greet(conn, after, &refusal, effects);
            close(conn, effects);
            return;
        }
        self.change_timeout(session, timeout_ms, now, effects);
        self.welcome(conn, peer, request, session, timeout_ms, now, effects);
    }

    /// A session that goes on with another time-out keeps that over a restart too. Without room in
    /// the log it keeps it until then.
    fn change_timeout(&mut self, session: i64, timeout_ms: i32, now: Now, effects: &mut Effects) {
        let before = self.sessions.get(session).map(|session| session.timeout_ms);
        let txn = Txn::CreateSession { timeout_ms };
        if before == Some(timeout_ms) || self.take_reserved_room(&txn).is_err() {
            return;
        }
        let entry = self.enter(session, txn, now);
        effects.entries.push(entry);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "all that a connection begins with"
    )]
    fn welcome(
        &mut self,
        conn: ConnId,
        peer: Peer,
        request: &ConnectRequest,
        session: i64,
        timeout_ms: i32,
        now: Now,
        effects: &mut Effects,
    ) {
        let attached = self.sessions.attach(session, conn, timeout_ms, now.mono);
        if let Some(before) = attached.and_then(|attached| attached.before) {
            self.hang_up(before, effects);
        }
        let connection = Connection::new(session, timeout_ms, peer);
        self.connections.insert(conn, connection);
        let response = ConnectResponse {
            protocol_version: 0,
            timeout_ms,
            session_id: session,
            password: self.key.password(session),
            // Always a server that takes writes.
            read_only: request.read_only.map(|_| false),
        };
        let after = self.after(Shows::All, "");
        self.greet(conn, after, &response, effects);
    }

    fn greet(
        &mut self,
        conn: ConnId,
        after: i64,
        response: &ConnectResponse,
        effects: &mut Effects,
    ) {
        if let Some(frame) = self.frames.make(|out| response.encode(out)) {
            send(conn, after, frame, effects);
        }
    }
}
