//! All connections.

#[cfg(test)]
mod tests;

use super::{
    super::{
        limits::{UNSENT_TOTAL_LOW, UNSENT_TOTAL_MAX},
        outbox::Outbox,
        unsent::Total,
    },
    conn::{Arrived, Conn, Released},
    figures::{Figures, Requests},
};
use crate::{
    ConnId,
    conn::ConnMap,
    machine::{Now, Outgoing, Output},
};
use bytes::{Buf, Bytes};
use std::{cmp::Reverse, collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};

/// The connections that are open, or have still something to be sent.
#[derive(Debug)]
pub(super) struct Conns {
    /// Each is there until its task says that it has gone, as what is unsent counts till then.
    table: ConnMap<Conn>,
    unsent_total: Total,
    durable: i64,
    /// What went over all of them.
    pub(super) figures: Figures,
    /// Those that the current turn has given something.
    touched: Vec<ConnId>,
    /// Those that have something held back, by the transaction that holds it, the oldest first.
    waiting: VecDeque<(i64, ConnId)>,
    /// Those whose clients do not read.
    slow: Vec<ConnId>,
}

/// What is to be done with a connection's requests.
pub(super) enum Next {
    /// Carry this one out.
    Request { frame: Bytes, opcode: Option<i32> },
    /// The client has to read first.
    Wait,
    /// Nothing: the connection has ended.
    Over,
}

// === impl Conns ===

impl Conns {
    /// `unsent_total` is what all of them keep together.
    pub(super) fn new(durable: i64, unsent_total: Total) -> Self {
        Self {
            table: ConnMap::default(),
            unsent_total,
            durable,
            figures: Figures::default(),
            touched: Vec::new(),
            waiting: VecDeque::new(),
            slow: Vec::new(),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (ConnId, &Conn)> {
        self.table.iter().map(|(id, conn)| (*id, conn))
    }

    /// A connection begins. Its handshake is the first thing that it wants an answer to.
    pub(super) fn open(&mut self, id: ConnId, peer: SocketAddr, outbox: Arc<Outbox>, now: Now) {
        let mut conn = Conn::new(outbox, peer, now.wall_ms);
        self.figures.handshakes += 1;
        self.figures.traffic.received(false);
        conn.about.traffic.received(false);
        self.table.insert(id, conn);
    }

    /// Forgets one. True: it was open, and the machine has to be told.
    pub(super) fn remove(&mut self, id: ConnId) -> bool {
        let Some(conn) = self.table.remove(&id) else {
            return false;
        };
        self.figures.traffic.dropped(conn.about.traffic.outstanding);
        conn.is_open()
    }

    /// Takes requests that have just arrived; gives them back if they can be carried out now.
    pub(super) fn arrive(&mut self, id: ConnId, arrived: Arrived) -> Option<Arrived> {
        let conn = self.table.get_mut(&id)?;
        if conn.is_open() {
            self.figures.bytes_received += arrived.frames.len() as u64;
            for traffic in [&mut self.figures.traffic, &mut conn.about.traffic] {
                (0..arrived.frames.left()).for_each(|_| traffic.received(true));
            }
        }
        conn.arrive(arrived)
    }

    /// Takes the requests that have waited longest for the client to read.
    pub(super) fn unpark(&mut self, id: ConnId) -> Option<Arrived> {
        self.table.get_mut(&id)?.unpark()
    }

    /// Has requests wait until the client has read.
    pub(super) fn park(&mut self, id: ConnId, arrived: Arrived) {
        if let Some(conn) = self.table.get_mut(&id) {
            conn.park(arrived);
        }
    }

    /// What to do with a connection's requests.
    pub(super) fn next_of(&mut self, id: ConnId, arrived: &mut Arrived) -> Next {
        let Some(conn) = self.table.get_mut(&id).filter(|conn| conn.is_open()) else {
            return Next::Over;
        };
        if conn.is_full() {
            return Next::Wait;
        }
        let Some(frame) = arrived.frames.next() else {
            return Next::Over;
        };
        let mut header = &frame[..];
        let (xid, opcode) = (header.try_get_i32().ok(), header.try_get_i32().ok());
        conn.about.last_opcode = opcode;
        // The negative ones are the protocol's own.
        conn.about.last_xid = xid.filter(|xid| *xid >= 0).or(conn.about.last_xid);
        Next::Request { frame, opcode }
    }

    /// Notes that a request has got all its answers.
    pub(super) fn answer(&mut self, id: ConnId, request: Requests, bytes: usize, at: Duration) {
        if let Some(conn) = self.table.get_mut(&id) {
            conn.answer(request, bytes, at);
            if conn.touch() {
                self.touched.push(id);
            }
        }
    }

    /// Takes what the machine wants sent.
    pub(super) fn push(&mut self, outgoing: Outgoing) {
        let Outgoing {
            conn: id,
            after,
            what,
        } = outgoing;
        let Some(conn) = self.table.get_mut(&id) else {
            return;
        };
        match what {
            Output::Frame(frame) => {
                let was_over = conn.is_over();
                conn.push(frame, after, self.durable);
                if conn.is_over() && !was_over {
                    self.slow.push(id);
                }
            }
            Output::Close => conn.end(after, self.durable),
        }
        if conn.touch() {
            self.touched.push(id);
        }
    }

    /// Where too much is kept for all clients together, has those connections cut off for which the
    /// most is kept; of equals, the oldest.
    pub(super) fn shed(&mut self) {
        let total = self.unsent_total.get();
        if total <= UNSENT_TOTAL_MAX {
            return;
        }
        let those = self.table.iter().filter(|(_, conn)| !conn.is_over());
        let those = those.map(|(id, conn)| (conn.kept(), Reverse(*id)));
        let mut those: Vec<_> = those.filter(|(kept, _)| *kept > 0).collect();
        those.sort_unstable();
        let mut excess = total - UNSENT_TOTAL_LOW;
        while excess > 0
            && let Some((kept, Reverse(id))) = those.pop()
        {
            excess = excess.saturating_sub(kept);
            if let Some(conn) = self.table.get_mut(&id) {
                conn.give_up();
                self.slow.push(id);
            }
        }
    }

    /// Cuts a connection off whose client does not read; the machine has to be told, if it does
    /// not know yet.
    pub(super) fn take_slow(&mut self) -> Option<ConnId> {
        let id = self.slow.pop()?;
        if let Some(conn) = self.table.remove(&id) {
            self.figures.traffic.dropped(conn.about.traffic.outstanding);
            conn.cut();
        }
        Some(id)
    }

    /// The turn is over, and all that it has changed ends with `last`: lets go of what may leave.
    pub(super) fn end_turn(&mut self, last: i64, now: Now) {
        for id in std::mem::take(&mut self.touched) {
            let Some(conn) = self.table.get_mut(&id) else {
                continue;
            };
            let is_new = conn.end_turn(last);
            match conn.release(self.durable, now.mono, &mut self.figures) {
                Released::Until(after) if is_new => self.waiting.push_back((after, id)),
                // What an earlier turn holds is in the queue already.
                Released::Until(_) | Released::All => {}
            }
        }
    }

    /// All up to `durable` is on disk: lets go of what has waited for it.
    pub(super) fn catch_up(&mut self, durable: i64, now: Now) {
        self.durable = durable;
        while let Some((_, id)) = self.waiting.pop_front_if(|(after, _)| *after <= durable) {
            let Some(conn) = self.table.get_mut(&id) else {
                continue;
            };
            conn.release(durable, now.mono, &mut self.figures);
        }
    }

    /// Ends all of them, once what they were given has left.
    pub(super) fn end_all(&mut self) {
        for (_, conn) in self.table.drain() {
            conn.finish();
        }
    }
}
