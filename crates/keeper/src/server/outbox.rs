//! What the core has to tell a connection: the one thing that both of them touch.

use super::{
    chunks::Chunks,
    limits::{UNSENT_MAX, UNSENT_PAUSE, UNSENT_TOTAL_MAX},
};
use parking_lot::Mutex;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Waker},
};

/// Bytes that may leave, on their way from the core to a connection. The lock is held for a few
/// moves of pointers and never while somebody waits.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    /// Bytes that the core has released and the system has not taken yet.
    unsent: AtomicUsize,
    /// The same, of all connections together.
    unsent_total: Arc<AtomicUsize>,
    /// Whether the core waits for the connection to say that it has room again.
    is_parked: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    ready: Chunks,
    answered: Answered,
    end: End,
    waker: Option<Waker>,
}

/// How many requests have got all that there was to say to them, since the connection began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) requests: usize,
    pub(super) bytes: usize,
}

/// Whether the connection goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// It does.
    #[default]
    No,
    /// It ends once all is written.
    AfterLast,
    /// It ends at once.
    Now,
}

// === impl Outbox ===

impl Outbox {
    /// An empty one; `unsent_total` counts for all connections.
    pub(super) fn new(unsent_total: Arc<AtomicUsize>) -> Self {
        Self {
            state: Mutex::default(),
            unsent: AtomicUsize::new(0),
            unsent_total,
            is_parked: AtomicBool::new(false),
        }
    }

    /// Releases the first `len` bytes of `from`, and says what they answer.
    pub(super) fn release(&self, from: &mut Chunks, len: usize, answered: Answered) {
        self.unsent.fetch_add(len, Ordering::SeqCst);
        self.unsent_total.fetch_add(len, Ordering::Relaxed);
        let waker = {
            let mut state = self.state.lock();
            from.move_to(&mut state.ready, len);
            state.answered.requests += answered.requests;
            state.answered.bytes += answered.bytes;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Ends the connection. What is to come sooner counts.
    pub(super) fn end(&self, end: End) {
        let waker = {
            let mut state = self.state.lock();
            if state.end != End::Now {
                state.end = end;
            }
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether requests have to wait, when so many bytes are still held back by the core.
    pub(super) fn is_full(&self, held: usize) -> bool {
        self.unsent.load(Ordering::SeqCst) + held >= UNSENT_PAUSE
    }

    /// Whether something has been released that the system has not taken.
    pub(super) fn has_unsent(&self) -> bool {
        self.unsent.load(Ordering::Relaxed) > 0
    }

    /// Whether the client is so far behind that it cannot stay.
    pub(super) fn is_over(&self, held: usize) -> bool {
        let unsent = self.unsent.load(Ordering::Relaxed) + held;
        let is_crowded = self.unsent_total.load(Ordering::Relaxed) > UNSENT_TOTAL_MAX;
        unsent > UNSENT_MAX || (is_crowded && unsent > UNSENT_PAUSE)
    }

    /// Asks the connection to say when it has room. False: it has room already, nothing is asked.
    pub(super) fn park(&self, held: usize) -> bool {
        self.is_parked.store(true, Ordering::SeqCst);
        // It may have written all between the question and the answer.
        self.is_full(held) || !self.is_parked.swap(false, Ordering::SeqCst)
    }

    /// Takes what may be written, and has the task of `context` woken when there is more.
    pub(super) fn take(&self, context: &Context<'_>, into: &mut Chunks) -> (Answered, End) {
        let mut state = self.state.lock();
        let len = state.ready.len();
        if len > 0 {
            state.ready.move_to(into, len);
        }
        match &state.waker {
            Some(waker) if waker.will_wake(context.waker()) => {}
            _ => state.waker = Some(context.waker().clone()),
        }
        (state.answered, state.end)
    }

    /// The system has taken so many bytes.
    pub(super) fn wrote(&self, len: usize) {
        self.unsent.fetch_sub(len, Ordering::SeqCst);
        self.unsent_total.fetch_sub(len, Ordering::Relaxed);
    }

    /// Whether the core has to be told that there is room again; true only once.
    pub(super) fn unpark(&self) -> bool {
        // Half of it, so that it does not stop and go with each write.
        self.unsent.load(Ordering::SeqCst) < UNSENT_PAUSE / 2
            && self.is_parked.load(Ordering::SeqCst)
            && self.is_parked.swap(false, Ordering::SeqCst)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let unsent = *self.unsent.get_mut();
        self.unsent_total.fetch_sub(unsent, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn outbox() -> (Outbox, Arc<AtomicUsize>) {
        let total = Arc::new(AtomicUsize::new(0));
        (Outbox::new(Arc::clone(&total)), total)
    }

    fn release(outbox: &Outbox, len: usize) {
        let mut from = Chunks::default();
        from.push(Bytes::from(vec![0; len]));
        let answered = Answered {
            requests: 1,
            bytes: 10,
        };
        outbox.release(&mut from, len, answered);
    }

    #[test]
    fn counts_what_is_unsent() {
        let (outbox, total) = outbox();
        release(&outbox, UNSENT_PAUSE - 1);
        assert!(!outbox.is_full(0) && outbox.is_full(1));
        let mut into = Chunks::default();
        let context = Context::from_waker(Waker::noop());
        let (answered, end) = outbox.take(&context, &mut into);
        assert_eq!((answered.requests, answered.bytes, end), (1, 10, End::No));
        // Taken is not sent.
        assert!(outbox.is_full(1));
        outbox.wrote(into.len());
        assert_eq!(total.load(Ordering::Relaxed), 0);
        release(&outbox, UNSENT_MAX);
        assert!(!outbox.is_over(0) && outbox.is_over(1));
        drop(outbox);
        assert_eq!(total.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn all_together_are_bounded_too() {
        let (outbox, total) = outbox();
        release(&outbox, UNSENT_PAUSE + 1);
        assert!(!outbox.is_over(0));
        total.store(UNSENT_TOTAL_MAX + 1, Ordering::Relaxed);
        assert!(outbox.is_over(0));
    }

    #[test]
    fn room_is_told_once_and_only_when_asked() {
        let (outbox, _) = outbox();
        assert!(!outbox.unpark() && !outbox.park(0));
        release(&outbox, UNSENT_PAUSE);
        assert!(outbox.park(0) && !outbox.unpark());
        outbox.wrote(UNSENT_PAUSE);
        assert!(outbox.unpark() && !outbox.unpark());
    }
}
