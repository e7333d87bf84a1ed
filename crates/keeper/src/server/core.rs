//! The one task that owns the machine: requests go in, frames and the log's entries come out.
//!
//! It works in turns. A turn takes what many connections have sent, has the machine carry it out,
//! hands all that has changed to the log as one append, and lets go of what may leave. What shows
//! a change that is not on disk stays until the log says that it is.

mod conn;
mod conns;
mod figures;
mod inbox;
mod journal;
mod snapshots;
mod words;

pub(super) use self::{
    journal::{Journal, News},
    snapshots::Snapshots,
};

use self::{
    conn::Arrived,
    conns::{Conns, Next},
    figures::Requests,
    inbox::Inbox,
};
use super::{
    Error,
    clock::Clock,
    facts::Facts,
    limits::{TURN_LEN_MAX, WATCH_SLICE},
    message::{Message, Opening},
    stop::Stop,
    tally::Kind,
    unsent::Total,
};
use crate::{
    ConnId,
    machine::{Effects, Input, Machine, Now},
};
use dockeeper_zk_proto::frame::HEADER_LEN;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    task::consume_budget,
    time::{MissedTickBehavior, interval},
};

/// Owns all state.
pub(super) struct Core {
    machine: Machine,
    journal: Journal,
    snapshots: Snapshots,
    conns: Conns,
    inbox: Inbox,
    clock: Arc<dyn Clock>,
    facts: Facts,
    /// Kept between turns for its memory.
    effects: Effects,
}

// === impl Core ===

impl Core {
    pub(super) fn new(
        machine: Machine,
        journal: Journal,
        snapshots: Snapshots,
        inbox: mpsc::Receiver<Message>,
        clock: Arc<dyn Clock>,
        facts: Facts,
        unsent_total: Total,
    ) -> Self {
        let conns = Conns::new(journal.durable(), unsent_total);
        Self {
            machine,
            journal,
            snapshots,
            conns,
            inbox: Inbox::new(inbox),
            clock,
            facts,
            effects: Effects::default(),
        }
    }

    /// Serves until `stop` is true, or until nothing can be logged any more. Then all that has
    /// been acknowledged is on disk, and all connections have been told to end.
    pub(super) async fn run(mut self, tick: Duration, mut stop: Stop) -> Result<(), Error> {
        let mut ticks = interval(tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // Nothing is carried out that the log could not take.
            let takes = self.journal.takes_more();
            tokio::select! {
                biased;
                written = self.journal.written() => {
                    written?;
                    self.catch_up();
                }
                _ = ticks.tick(), if takes => self.tick()?,
                () = stop.told() => return self.end().await,
                () = self.inbox.arrived(), if takes => self.turn()?,
                () = self.snapshots.ready() => self.snapshots.step(&mut self.machine),
                () = consume_budget(), if self.machine.watches().has_leftovers() => {
                    self.machine.sweep_watches(WATCH_SLICE);
                }
            }
        }
    }

    /// The log has written more.
    fn catch_up(&mut self) {
        let durable = self.journal.durable();
        self.machine.durable(durable);
        self.conns.catch_up(durable, self.clock.now());
    }

    fn tick(&mut self) -> Result<(), Error> {
        let now = self.clock.now();
        self.machine.set_writable(self.journal.room());
        self.machine.tick(now, &mut self.effects);
        self.conns.figures.ticked(&self.effects.entries);
        self.facts.tally.tell_rest();
        self.distribute();
        self.end_turn(now)
    }

    fn turn(&mut self) -> Result<(), Error> {
        let now = self.clock.now();
        self.machine.set_writable(self.journal.room());
        let mut left = TURN_LEN_MAX;
        while left > 0
            && let Some(message) = self.inbox.next()
        {
            left = left.saturating_sub(message.len());
            self.take(message, now);
            self.close_slow(now);
        }
        self.end_turn(now)
    }

    fn take(&mut self, message: Message, now: Now) {
        match message {
            Message::Requests { conn, frames, at } => {
                if let Some(arrived) = self.conns.arrive(conn, Arrived { frames, at }) {
                    self.carry_out(conn, arrived, now);
                }
            }
            Message::Room { conn } => {
                while let Some(arrived) = self.conns.unpark(conn) {
                    if !self.carry_out(conn, arrived, now) {
                        break;
                    }
                }
            }
            Message::Open(opening) => self.open(*opening, now),
            Message::Gone { conn } => {
                if self.conns.remove(conn) {
                    self.handle(Input::Disconnect { conn }, now);
                }
            }
            Message::Word { word, answer } => {
                let text = self.word(word, now);
                // Whoever asked may have gone.
                let _ = answer.send(text);
            }
        }
    }

    fn open(&mut self, opening: Opening, now: Now) {
        let Opening {
            conn,
            peer,
            port,
            request,
            outbox,
        } = opening;
        let address = (peer.ip, port).into();
        self.conns.open(conn, address, outbox, now);
        let input = Input::Connect {
            conn,
            peer,
            request,
        };
        self.handle(input, now);
        if let Some(why) = self.effects.no_session.take() {
            self.facts.tally.tell(Kind::Session, address, &why);
        }
    }

    /// Carries requests out until the client has too much to read. False: some are left.
    fn carry_out(&mut self, conn: ConnId, mut arrived: Arrived, now: Now) -> bool {
        while arrived.frames.left() > 0 {
            match self.conns.next_of(conn, &mut arrived) {
                Next::Request { frame, opcode } => {
                    let (len, entries) = (HEADER_LEN + frame.len(), self.effects.entries.len());
                    let input = Input::Frame { conn, frame };
                    self.machine.handle(input, now, &mut self.effects);
                    self.conns.figures.carried_out(opcode, &self.effects.out);
                    self.distribute();
                    let is_write = self.effects.entries.len() > entries;
                    self.conns
                        .answer(conn, Requests::one(is_write), len, arrived.at);
                    self.close_slow(now);
                }
                Next::Wait => {
                    self.conns.park(conn, arrived);
                    return false;
                }
                Next::Over => return true,
            }
        }
        true
    }

    fn handle(&mut self, input: Input, now: Now) {
        self.machine.handle(input, now, &mut self.effects);
        self.distribute();
    }

    /// Gives each connection what it is to be sent.
    fn distribute(&mut self) {
        for outgoing in self.effects.out.drain(..) {
            self.conns.push(outgoing);
        }
    }

    /// Closes connections whose clients do not read what they are sent. That is rare, and each may
    /// bring more output only by the end of watches, which is none.
    fn close_slow(&mut self, now: Now) {
        self.conns.shed();
        while let Some(conn) = self.conns.take_slow() {
            self.handle(Input::Disconnect { conn }, now);
        }
    }

    /// Logs what the turn has changed, and lets go of what may leave.
    fn end_turn(&mut self, now: Now) -> Result<(), Error> {
        self.close_slow(now);
        self.journal.append(&mut self.effects.entries)?;
        self.conns.end_turn(self.machine.last_zxid(), now);
        self.snapshots.begin_if_due(&mut self.machine);
        self.snapshots.step(&mut self.machine);
        self.machine.sweep_watches(WATCH_SLICE);
        Ok(())
    }

    /// Carries out what has arrived, waits for the log, and ends all connections.
    async fn end(mut self) -> Result<(), Error> {
        self.inbox.close();
        loop {
            let (takes, has_more) = (self.journal.takes_more(), self.inbox.refill());
            if takes && has_more {
                self.turn()?;
            } else if !has_more && self.journal.durable() >= self.machine.last_zxid() {
                break;
            } else {
                self.journal.written().await?;
                self.catch_up();
            }
        }
        self.conns.end_all();
        self.snapshots.give_up();
        self.journal.close().await;
        Ok(())
    }
}
