//! What the core has to tell a connection: the one thing that both of them touch.

use super::{
    chunks::Chunks,
    limits::{UNSENT_MAX, UNSENT_PAUSE},
    unsent::{Share, Total},
};
use parking_lot::Mutex;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Waker},
};

/// Bytes that may leave, on their way from the core to a connection. The lock is held for a few
/// moves of pointers and never while somebody waits.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    /// Bytes that the core has for the client, released or not, and the system has not taken yet;
    /// a long frame of which it has taken a part counts as a whole, as its memory is still there.
    unsent: Share,
    /// Bytes of requests that wait until the client has read.
    waiting: Share,
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
    /// An empty one; `total` counts for all connections.
    pub(super) fn new(total: &Total) -> Self {
        Self {
            state: Mutex::default(),
            unsent: Share::new(total.clone()),
            waiting: Share::new(total.clone()),
            is_parked: AtomicBool::new(false),
        }
    }

    /// Counts bytes that the core has for the client from now on.
    pub(super) fn hold(&self, len: usize) {
        self.unsent.add(len);
    }

    /// Counts bytes of requests that wait from now on.
    pub(super) fn defer(&self, len: usize) {
        self.waiting.add(len);
    }

    /// Counts bytes of requests that wait no longer.
    pub(super) fn resume(&self, len: usize) {
        self.waiting.subtract(len);
    }

    /// Releases the first `len` bytes of `from`, which are counted already, and says what they
    /// answer.
    pub(super) fn release(&self, from: &mut Chunks, len: usize, answered: Answered) {
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

    /// Ends the connection. What is to come sooner counts. What is not written any more is given
    /// back here and now, not when the connection's task gets its turn.
    pub(super) fn end(&self, end: End) {
        let (waker, given_up) = {
            let mut state = self.state.lock();
            if state.end != End::Now {
                state.end = end;
            }
            let is_over = state.end == End::Now;
            let given_up = is_over.then(|| std::mem::take(&mut state.ready));
            (state.waker.take(), given_up)
        };
        if given_up.is_some() {
            self.unsent.clear();
            self.waiting.clear();
        }
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether requests have to wait.
    pub(super) fn is_full(&self) -> bool {
        self.unsent.get() >= UNSENT_PAUSE
    }

    /// How many bytes are kept until the client has read.
    pub(super) fn kept(&self) -> usize {
        self.unsent.get() + self.waiting.get()
    }

    /// Whether a client that gets so many bytes more would be so far behind that it cannot stay.
    /// One frame is always taken, however long: it is what the client has asked for.
    pub(super) fn is_over(&self, more: usize) -> bool {
        let unsent = self.unsent.get();
        unsent > UNSENT_PAUSE && unsent + more > UNSENT_MAX
    }

    /// Asks the connection to say when it has room. False: it has room already, nothing is asked.
    pub(super) fn park(&self) -> bool {
        self.is_parked.store(true, Ordering::SeqCst);
        // It may have written all between the question and the answer.
        self.is_full() || !self.is_parked.swap(false, Ordering::SeqCst)
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

    /// The system has taken what kept so many bytes of memory.
    pub(super) fn wrote(&self, len: usize) {
        self.unsent.subtract(len);
    }

    /// Whether the core has to be told that there is room again; true only once.
    pub(super) fn unpark(&self) -> bool {
        // Half of it, so that it does not stop and go with each write.
        self.unsent.get() < UNSENT_PAUSE / 2
            && self.is_parked.load(Ordering::SeqCst)
            && self.is_parked.swap(false, Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn outbox() -> (Outbox, Total) {
        let total = Total::default();
        (Outbox::new(&total), total)
    }

    fn release(outbox: &Outbox, len: usize) {
        let mut from = Chunks::default();
        from.push(Bytes::from(vec![0; len]));
        let answered = Answered {
            requests: 1,
            bytes: 10,
        };
        outbox.hold(len);
        outbox.release(&mut from, len, answered);
    }

    #[test]
    fn counts_what_is_unsent() {
        let (outbox, total) = outbox();
        release(&outbox, UNSENT_PAUSE - 1);
        assert!(!outbox.is_full());
        outbox.hold(1);
        assert!(outbox.is_full());
        let mut into = Chunks::default();
        let context = Context::from_waker(Waker::noop());
        let (answered, end) = outbox.take(&context, &mut into);
        assert_eq!((answered.requests, answered.bytes, end), (1, 10, End::No));
        // Taken is not sent.
        assert!(outbox.is_full());
        outbox.wrote(into.len());
        assert_eq!((outbox.kept(), total.get()), (1, 1));
    }

    #[test]
    fn one_frame_of_any_length_is_taken_and_no_more_behind_it() {
        let (outbox, _) = outbox();
        release(&outbox, UNSENT_PAUSE);
        assert!(!outbox.is_over(2 * UNSENT_MAX));
        outbox.hold(1);
        assert!(!outbox.is_over(UNSENT_MAX - UNSENT_PAUSE - 1));
        assert!(outbox.is_over(UNSENT_MAX - UNSENT_PAUSE));
    }

    #[test]
    fn what_is_cut_off_keeps_nothing() {
        let (outbox, total) = outbox();
        release(&outbox, 1000);
        outbox.defer(500);
        outbox.resume(100);
        assert_eq!((outbox.kept(), total.get()), (1400, 1400));
        outbox.end(End::Now);
        assert_eq!((outbox.kept(), total.get()), (0, 0));
        let mut into = Chunks::default();
        let context = Context::from_waker(Waker::noop());
        assert_eq!(outbox.take(&context, &mut into).1, End::Now);
        assert!(into.is_empty());
    }

    #[test]
    fn room_is_told_once_and_only_when_asked() {
        let (outbox, _) = outbox();
        assert!(!outbox.unpark() && !outbox.park());
        release(&outbox, UNSENT_PAUSE);
        assert!(outbox.park() && !outbox.unpark());
        outbox.wrote(UNSENT_PAUSE);
        assert!(outbox.unpark() && !outbox.unpark());
    }
}
