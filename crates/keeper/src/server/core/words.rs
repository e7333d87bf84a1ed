//! Four-letter words: gathers what they tell.

use super::{Core, conn::Conn};
use crate::{
    ConnId,
    machine::Now,
    words::{
        Bucket, Connection, ENTRIES_MAX, IMOK, Mode, Monitor, OnConnection, Summary, Word, conf,
        cons, dump, envi, isro, mntr, srvr, stat, wchc, wchp, wchs,
    },
};
use bytes::Bytes;
use dockeeper_zk_proto::OpCode;
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

// === impl Core ===

impl Core {
    /// The answer to a word.
    pub(super) fn word(&self, word: [u8; 4], now: Now) -> Bytes {
        let Some(word) = Word::from_bytes(word) else {
            return Bytes::new();
        };
        if !self.facts.words.allows(word) {
            return word.refusal().into();
        }
        match word {
            Word::Ruok => IMOK.into(),
            Word::Isro => isro(Mode::Standalone).into(),
            Word::Envi => envi(&self.facts.environment()).into(),
            Word::Conf => conf(&self.facts.conf()).into(),
            Word::Srvr => srvr(&self.summary()).into(),
            Word::Stat => stat(&self.summary(), &self.connections(), self.conns.len()).into(),
            Word::Cons => cons(&self.connections(), self.conns.len()).into(),
            Word::Mntr => mntr(&self.monitor(now)).into(),
            Word::Dump => self.dump(now).into(),
            Word::Wchs | Word::Wchc | Word::Wchp => self.watches(word).into(),
            Word::Unserved(_) => word.refusal().into(),
        }
    }

    fn summary(&self) -> Summary {
        Summary {
            traffic: self.conns.figures.traffic,
            connections: self.facts.admission.open(),
            zxid: self.machine.durable_zxid(),
            mode: Mode::Standalone,
            nodes: self.machine.node_count(),
        }
    }

    /// The connections that an answer has room for, the oldest ones.
    fn connections(&self) -> Vec<Connection> {
        let mut conns: Vec<_> = self.conns.iter().collect();
        conns.sort_unstable_by_key(|(id, _)| *id);
        let conns = conns.into_iter().take(ENTRIES_MAX);
        conns.map(|(id, conn)| self.connection(id, conn)).collect()
    }

    fn connection(&self, id: ConnId, conn: &Conn) -> Connection {
        let about = &conn.about;
        let session = self.machine.session(id).map(|session| OnConnection {
            id: session.id,
            timeout_ms: session.timeout_ms,
            established_ms: about.since_ms,
            last: about.last_opcode.and_then(OpCode::from_wire),
            last_xid: about.last_xid,
            last_zxid: self.machine.durable_zxid(),
            last_reply_ms: millis(about.last_answer),
            last_latency_ms: millis(about.last_latency),
        });
        Connection {
            remote: about.peer,
            is_reading: conn.is_reading(),
            is_writing: conn.is_writing(),
            traffic: about.traffic,
            session,
        }
    }

    fn monitor(&self, now: Now) -> Monitor {
        let (files_open, files_max) = self.facts.files();
        let figures = self.conns.figures;
        Monitor {
            summary: self.summary(),
            uptime_ms: millis(now.mono.saturating_sub(self.facts.since)),
            watches: self.machine.watches().count(),
            sessions: self.machine.sessions().len(),
            ephemerals: self.machine.ephemeral_count(),
            data_size: self.machine.data_size(),
            files_open,
            files_max,
            bytes_received: figures.bytes_received,
            bytes_sent: figures.bytes_sent,
            handshakes: figures.handshakes,
            connections_rejected: self.facts.tally.refused(),
            frames_rejected: self.facts.tally.too_long(),
            auth_failed: figures.auth_failed,
            sessions_expired: figures.sessions_expired,
            reads: figures.reads,
            writes: figures.writes,
            fsyncs: self.journal.syncs(),
            snapshots: self.snapshots.taken(),
        }
    }

    /// Sessions, their ephemeral znodes and connections, by the time at which they end.
    fn dump(&self, now: Now) -> String {
        let wall = |at: Duration| {
            let left = i64::try_from(at.saturating_sub(now.mono).as_millis());
            now.wall_ms.saturating_add(left.unwrap_or(i64::MAX))
        };
        let sessions: Vec<_> = self
            .machine
            .sessions()
            .by_deadline()
            .map(|(deadline, sessions)| Bucket {
                end_ms: wall(deadline),
                members: sessions.to_vec(),
            })
            .collect();
        let mut ends: BTreeMap<i64, Vec<(SocketAddr, i64)>> = BTreeMap::new();
        for (id, conn) in self.conns.iter() {
            let session = self.machine.session(id).map_or(0, |session| session.id);
            let deadline = self.machine.sessions().deadline(session);
            ends.entry(deadline.map_or(now.wall_ms, wall))
                .or_default()
                .push((conn.about.peer, session));
        }
        let ends = ends
            .into_iter()
            .map(|(end_ms, members)| Bucket { end_ms, members });
        dump(
            &sessions,
            self.machine.ephemerals(),
            self.machine.ephemeral_count(),
            &ends.collect::<Vec<_>>(),
        )
    }

    fn watches(&self, word: Word) -> String {
        let watches = self.machine.watches();
        let session = |conn: ConnId| self.machine.session(conn).map_or(0, |session| session.id);
        match word {
            Word::Wchc => wchc(
                watches
                    .by_connection(ENTRIES_MAX)
                    .into_iter()
                    .map(|(conn, paths)| (session(conn), paths)),
                watches.pair_count(),
            ),
            Word::Wchp => wchp(
                watches
                    .by_path(ENTRIES_MAX)
                    .into_iter()
                    .map(|(path, conns)| (path, conns.into_iter().map(session))),
                watches.pair_count(),
            ),
            _ => wchs(
                watches.connection_count(),
                watches.path_count(),
                watches.count(),
            ),
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
