//! What watches tell.

mod interest;

pub(crate) use interest::{Abandoned, Interest};

use crate::state::{Ended, State};
use parking_lot::Mutex;
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::{Notify, oneshot, watch};

/// How many events wait for a slow holder of a persistent watch. Beyond it they are dropped, and
/// the holder gets a [`Notice::Resync`] instead: reading once is cheaper than so many events.
pub const EVENTS_MAX: usize = 1024;

/// What happened to a znode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// It was created.
    Created,
    /// It was deleted.
    Deleted,
    /// Its data changed.
    DataChanged,
    /// A child was created or deleted.
    ChildrenChanged,
}

/// Something happened to a znode.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// The znode, as the client sees it.
    pub path: String,
}

/// What the holder of a persistent watch gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Something happened.
    Event(Event),
    /// Something may have happened that no event told: read everything and compare. Comes first
    /// of all, after each reconnect, and in place of more events than [`EVENTS_MAX`].
    Resync,
}

/// A watch that fires once. It survives reconnects. It may fire when nothing has changed.
///
/// Dropping it removes it from the server, unless somebody else waits for the same.
#[derive(Debug)]
pub struct OneShot {
    fired: oneshot::Receiver<Event>,
    state: watch::Receiver<State>,
    interest: Interest,
}

/// A watch that stays until it is dropped, which removes it from the server too.
#[derive(Debug)]
pub struct Watcher {
    mailbox: Arc<Mailbox>,
    /// Dropped with the watcher, behind its own `drop`.
    _interest: Interest,
}

/// Between the client's task and the holder of a persistent watch.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    inbox: Mutex<Inbox>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Inbox {
    resync: bool,
    events: VecDeque<Event>,
    ended: bool,
    abandoned: bool,
}

// === impl OneShot ===

impl OneShot {
    pub(crate) fn new(
        interest: Interest,
        state: watch::Receiver<State>,
    ) -> (oneshot::Sender<Event>, Self) {
        let (fire, fired) = oneshot::channel();
        let one_shot = Self {
            fired,
            state,
            interest,
        };
        (fire, one_shot)
    }

    /// Whether the watch has fired, or never will as the session is over. Of two watches of one
    /// connection, the one fires first whose znode changed first.
    pub fn has_fired(&mut self) -> bool {
        self.fired.is_terminated() || !self.fired.is_empty()
    }

    /// Waits until the watch fires, without a limit of its own, or until the session is over.
    pub async fn fired(mut self) -> Result<Event, Ended> {
        let fired = (&mut self.fired).await;
        self.interest.over();
        // The sender is dropped only when the session ends: the client's state says how.
        fired.map_err(|_| match &*self.state.borrow() {
            State::Ended(ended) => *ended,
            State::Connecting { .. } | State::Connected(_) => Ended::Detached,
        })
    }
}

// === impl Watcher ===

impl Watcher {
    pub(crate) fn new(mailbox: Arc<Mailbox>, interest: Interest) -> Self {
        Self {
            mailbox,
            _interest: interest,
        }
    }

    /// The next notice; `None` when the session is over. Safe to cancel.
    pub async fn next(&mut self) -> Option<Notice> {
        loop {
            let arrived = self.mailbox.arrived.notified();
            {
                let mut inbox = self.mailbox.inbox.lock();
                if std::mem::take(&mut inbox.resync) {
                    return Some(Notice::Resync);
                }
                if let Some(event) = inbox.events.pop_front() {
                    return Some(Notice::Event(event));
                }
                if inbox.ended {
                    return None;
                }
            }
            arrived.await;
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.mailbox.inbox.lock().abandoned = true;
    }
}

// === impl Mailbox ===

impl Mailbox {
    pub(crate) fn event(&self, event: Event) {
        let mut inbox = self.inbox.lock();
        // A holder that has to read everything anyway needs no events from before.
        if inbox.resync {
            return;
        }
        if inbox.events.len() == EVENTS_MAX {
            inbox.events.clear();
            inbox.resync = true;
        } else {
            inbox.events.push_back(event);
        }
        drop(inbox);
        self.arrived.notify_one();
    }

    pub(crate) fn resync(&self) {
        let mut inbox = self.inbox.lock();
        inbox.events.clear();
        inbox.resync = true;
        drop(inbox);
        self.arrived.notify_one();
    }

    pub(crate) fn end(&self) {
        self.inbox.lock().ended = true;
        self.arrived.notify_one();
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.inbox.lock().abandoned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: usize) -> Event {
        Event {
            kind: EventKind::Created,
            path: format!("/{number}"),
        }
    }

    #[tokio::test]
    async fn a_flood_becomes_one_resync() {
        let mailbox = Arc::new(Mailbox::default());
        let mut watcher = Watcher::new(mailbox.clone(), Interest::new("/", &Arc::default()));
        for number in 0..EVENTS_MAX {
            mailbox.event(event(number));
        }
        assert_eq!(watcher.next().await, Some(Notice::Event(event(0))));
        mailbox.event(event(1));
        mailbox.event(event(2));
        assert_eq!(watcher.next().await, Some(Notice::Resync));
        mailbox.event(event(3));
        mailbox.end();
        assert_eq!(watcher.next().await, Some(Notice::Event(event(3))));
        assert_eq!(watcher.next().await, None);
        assert_eq!(watcher.next().await, None);
    }
}
