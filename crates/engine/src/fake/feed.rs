use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Faults;
use crate::{Error, Event};

/// How many events the engine remembers: as many as Docker.
const HISTORY: usize = 256;

/// How many events a slow reader may be behind before it loses some: as many as Docker.
const BEHIND: usize = 1024;

/// A fake engine's events, on their way to their readers.
pub(super) struct Feed {
    pub(super) faults: Faults,
    random: fastrand::Rng,
    history: VecDeque<Event>,
    late: Option<Event>,
    readers: Vec<Sender<Event>>,
}

impl Feed {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            faults: Faults::default(),
            random: fastrand::Rng::with_seed(seed),
            history: VecDeque::new(),
            late: None,
            readers: Vec::new(),
        }
    }

    pub(super) fn publish(&mut self, event: Event) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(event.clone());
        if self.chance(self.faults.lost_percent) {
            return;
        }
        if self.late.is_none() && self.chance(self.faults.late_percent) {
            self.late = Some(event);
            return;
        }
        if self.chance(self.faults.twice_percent) {
            self.deliver(&event);
        }
        self.deliver(&event);
        self.settle();
    }

    /// Delivers the event that is late.
    pub(super) fn settle(&mut self) {
        if let Some(event) = self.late.take() {
            self.deliver(&event);
        }
    }

    /// Ends all streams; the event that is late is lost to them.
    pub(super) fn sever(&mut self) {
        self.readers.clear();
        self.late = None;
    }

    /// Opens a stream. Like Docker's, it goes back to the last event that is older than asked for.
    pub(super) fn subscribe(&mut self, since_ns: i64) -> Events {
        let (sender, receiver) = channel(BEHIND);
        let older = self
            .history
            .iter()
            .rposition(|event| event.time_ns < since_ns);
        for event in self.history.iter().skip(older.map_or(0, |older| older + 1)) {
            sender
                .try_send(event.clone())
                .expect("there is room for more than the history");
        }
        self.readers.push(sender);
        Events(receiver)
    }

    fn deliver(&mut self, event: &Event) {
        let gone = |sent| matches!(sent, Err(TrySendError::Closed(_)));
        self.readers
            .retain(|reader| !gone(reader.try_send(event.clone())));
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.random.u8(..100) < percent
    }
}

/// A stream of a fake engine's events.
pub struct Events(Receiver<Event>);

impl Stream for Events {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|event| event.map(Ok))
    }
}
