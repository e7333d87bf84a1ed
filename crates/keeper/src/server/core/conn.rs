//! A connection as the core sees it: what has been said to it and may not leave yet.

#[cfg(test)]
mod tests;

use super::{
    super::{
        chunks::Chunks,
        inbound::Frames,
        outbox::{Answered, End, Outbox},
    },
    figures::{Figures, Requests, count},
};
use crate::traffic::Traffic;
use bytes::Bytes;
use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};

/// Stands for the transaction that the current turn will end with.
const THIS_TURN: i64 = i64::MAX;

/// A connection that is open, or has still something to be sent.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) about: About,
    outbox: Arc<Outbox>,
    /// All that has not been released, in order.
    held: Chunks,
    /// What holds it, in the same order.
    marks: VecDeque<Mark>,
    /// Requests that wait until the client has read more of what it was sent.
    parked: VecDeque<Arrived>,
    /// Nothing more comes; it ends once all is released.
    is_ending: bool,
    /// The client reads too slowly to stay.
    is_over: bool,
    /// Whether it is among those that the current turn has touched.
    is_touched: bool,
}

/// Requests, and when they arrived.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) frames: Frames,
    pub(super) at: Duration,
}

/// What people want to know of a connection. Times are on the keeper's own clock.
#[derive(Debug)]
pub(super) struct About {
    pub(super) peer: SocketAddr,
    /// When it began, in milliseconds since 1970.
    pub(super) since_ms: i64,
    pub(super) traffic: Traffic,
    /// The number of its last request's operation.
    pub(super) last_opcode: Option<i32>,
    /// The last of the client's own numbers for a request.
    pub(super) last_xid: Option<i32>,
    /// When it was answered last.
    pub(super) last_answer: Duration,
    /// How long that took.
    pub(super) last_latency: Duration,
}

/// A part of what is held.
#[derive(Debug)]
struct Mark {
    /// Leaves when this transaction is durable.
    after: i64,
    len: usize,
    frames: usize,
    requests: Requests,
    request_bytes: usize,
    /// When the first of its requests arrived.
    since: Duration,
}

/// What came of releasing what may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Released {
    /// All is released.
    All,
    /// The rest waits for this transaction.
    Until(i64),
}

// === impl Conn ===

impl Conn {
    pub(super) fn new(outbox: Arc<Outbox>, peer: SocketAddr, since_ms: i64) -> Self {
        Self {
            about: About {
                peer,
                since_ms,
                traffic: Traffic::default(),
                last_opcode: None,
                last_xid: None,
                last_answer: Duration::ZERO,
                last_latency: Duration::ZERO,
            },
            outbox,
            held: Chunks::default(),
            marks: VecDeque::new(),
            parked: VecDeque::new(),
            is_ending: false,
            is_over: false,
            is_touched: false,
        }
    }

    /// Whether requests are still taken from it.
    pub(super) fn is_open(&self) -> bool {
        !self.is_ending && !self.is_over
    }

    /// Whether the client is too slow to stay.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// How many bytes are kept until the client has read.
    pub(super) fn kept(&self) -> usize {
        self.outbox.kept()
    }

    /// Counts the client as too slow to stay.
    pub(super) fn give_up(&mut self) {
        self.is_over = true;
    }

    /// Whether its next requests are carried out as they come.
    pub(super) fn is_reading(&self) -> bool {
        self.is_open() && self.parked.is_empty()
    }

    /// Whether the client has not read all that it was sent.
    pub(super) fn is_writing(&self) -> bool {
        self.kept() > 0
    }

    /// Notes that the current turn has to look at it at its end. True the first time.
    pub(super) fn touch(&mut self) -> bool {
        !std::mem::replace(&mut self.is_touched, true)
    }

    /// Appends a frame that may leave when `after` is durable, and all before it has left.
    pub(super) fn push(&mut self, frame: Bytes, after: i64, durable: i64) {
        if self.is_over || self.outbox.is_over(frame.len()) {
            self.is_over = true;
            return;
        }
        self.outbox.hold(frame.len());
        let mark = self.mark(after, durable);
        mark.len += frame.len();
        mark.frames += 1;
        self.held.push(frame);
    }

    /// Notes that a request of so many bytes, which arrived `at`, has got all its answers.
    pub(super) fn answer(&mut self, request: Requests, bytes: usize, at: Duration) {
        // Whatever there was to say is the last that is held.
        let mark = self.mark(0, 0);
        if mark.requests.count() == 0 {
            mark.since = at;
        }
        mark.requests.reads += request.reads;
        mark.requests.writes += request.writes;
        mark.request_bytes += bytes;
    }

    /// Ends it when `after` is durable and all before has left.
    pub(super) fn end(&mut self, after: i64, durable: i64) {
        self.mark(after, durable);
        self.is_ending = true;
        while self.unpark().is_some() {}
    }

    /// The part of what is held that a frame belongs to which may leave when `after` is durable.
    fn mark(&mut self, after: i64, durable: i64) -> &mut Mark {
        let fits = self
            .marks
            .back()
            .is_some_and(|last| after <= durable || last.after == THIS_TURN);
        if !fits {
            let after = if after <= durable { 0 } else { THIS_TURN };
            self.marks.push_back(Mark {
                after,
                len: 0,
                frames: 0,
                requests: Requests::default(),
                request_bytes: 0,
                since: Duration::ZERO,
            });
        }
        self.marks.back_mut().expect("one was put there")
    }

    /// The turn is over: what it has changed ends with `last`. True: something is held by it.
    pub(super) fn end_turn(&mut self, last: i64) -> bool {
        self.is_touched = false;
        let mark = self.marks.back_mut();
        let Some(mark) = mark.filter(|mark| mark.after == THIS_TURN) else {
            return false;
        };
        mark.after = last;
        true
    }

    /// Lets go of what may leave now that all up to `durable` is on disk.
    pub(super) fn release(
        &mut self,
        durable: i64,
        now: Duration,
        figures: &mut Figures,
    ) -> Released {
        let (mut len, mut answered) = (0, Answered::default());
        while let Some(mark) = self.marks.pop_front_if(|mark| mark.after <= durable) {
            len += mark.len;
            answered.requests += mark.requests.count();
            answered.bytes += mark.request_bytes;
            let others = mark.frames.saturating_sub(mark.requests.count());
            let took = now.saturating_sub(mark.since);
            figures.sent(mark.requests, others, mark.len, took);
            count(&mut self.about.traffic, mark.requests, others, took);
            if mark.requests.count() > 0 {
                (self.about.last_answer, self.about.last_latency) = (now, took);
            }
        }
        if answered.requests > 0 || len > 0 {
            self.outbox.release(&mut self.held, len, answered);
        }
        match self.marks.back() {
            Some(last) => Released::Until(last.after),
            None if self.is_ending => {
                self.finish();
                Released::All
            }
            None => {
                // An idle connection keeps no memory.
                self.marks = VecDeque::new();
                Released::All
            }
        }
    }

    /// Ends it when what has been let go of is written.
    pub(super) fn finish(&self) {
        self.outbox.end(End::AfterLast);
    }

    /// Ends it at once.
    pub(super) fn cut(&self) {
        self.outbox.end(End::Now);
    }

    /// Whether its requests have to wait. They are carried on when the connection says that it has
    /// room, which it does after a `true` only.
    pub(super) fn is_full(&self) -> bool {
        self.outbox.is_full() && self.outbox.park()
    }

    /// Takes requests that have just arrived; gives them back if they can be carried out now.
    pub(super) fn arrive(&mut self, arrived: Arrived) -> Option<Arrived> {
        if !self.is_open() {
            return None;
        }
        if self.parked.is_empty() {
            return Some(arrived);
        }
        self.outbox.defer(arrived.frames.len());
        self.parked.push_back(arrived);
        None
    }

    /// Puts requests before all others that wait.
    pub(super) fn park(&mut self, arrived: Arrived) {
        self.outbox.defer(arrived.frames.len());
        self.parked.push_front(arrived);
    }

    /// Takes the requests that have waited longest.
    pub(super) fn unpark(&mut self) -> Option<Arrived> {
        let arrived = self.parked.pop_front()?;
        self.outbox.resume(arrived.frames.len());
        Some(arrived)
    }
}
