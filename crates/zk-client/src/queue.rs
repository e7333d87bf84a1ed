//! Where requests wait for the client's task.
//!
//! They leave in the order in which they were made. Tokio's bounded channel does not promise that:
//! a new sender may overtake one that has just been given its place. In its unbounded channel
//! requests that their callers gave up would pile up for as long as there is no connection.

use crate::call::Call;
use parking_lot::Mutex;
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::Notify;

/// How many requests that were given up are left where they are, so that looking for them is
/// cheap for each. Beyond that they are at most half of the queue: its length is bounded by the
/// number of callers, who wait for one answer each.
const ABANDONED_MAX: usize = 64;

/// The callers' end.
#[derive(Clone, Debug)]
pub(crate) struct Sender(Arc<Shared>);

/// The task's end. The queue is closed with it.
#[derive(Debug)]
pub(crate) struct Receiver(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    calls: VecDeque<Call>,
    abandoned: usize,
    is_closed: bool,
}

/// The task is gone.
#[derive(Debug)]
pub(crate) struct Closed;

/// A new queue.
pub(crate) fn queue() -> (Sender, Receiver) {
    let shared = Arc::<Shared>::default();
    (Sender(shared.clone()), Receiver(shared))
}

// === impl Sender ===

impl Sender {
    pub(crate) fn send(&self, call: Call) -> Result<(), Closed> {
        let mut waiting = self.0.waiting.lock();
        if waiting.is_closed {
            return Err(Closed);
        }
        waiting.calls.push_back(call);
        let is_first = waiting.calls.len() == 1;
        drop(waiting);
        if is_first {
            self.0.arrived.notify_one();
        }
        Ok(())
    }

    /// A caller has given up a request that was not sent.
    pub(crate) fn abandoned(&self) {
        let mut waiting = self.0.waiting.lock();
        waiting.abandoned += 1;
        if waiting.abandoned > ABANDONED_MAX.max(waiting.calls.len() / 2) {
            waiting.abandoned = 0;
            waiting.calls.retain(|call| !call.is_abandoned());
        }
    }
}

// === impl Receiver ===

impl Receiver {
    /// Waits for a request. Safe to cancel.
    pub(crate) async fn ready(&self) {
        while self.0.waiting.lock().calls.is_empty() {
            self.0.arrived.notified().await;
        }
    }

    /// Moves requests behind those in `out`: up to `count`, and up to the one that brings their
    /// length to `len` bytes.
    pub(crate) fn take(&self, count: usize, len: usize, out: &mut Vec<Call>) {
        let mut waiting = self.0.waiting.lock();
        let mut taken = 0;
        for _ in 0..count {
            let Some(call) = waiting.calls.pop_front_if(|_| taken < len) else {
                break;
            };
            taken += call.frame.len();
            out.push(call);
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting.lock();
        waiting.is_closed = true;
        let calls = std::mem::take(&mut waiting.calls);
        // Their callers are woken, and may come back at once.
        drop(waiting);
        drop(calls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BytesMut;
    use std::sync::Arc;
    use tokio::sync::oneshot;

    fn call(number: u8) -> Call {
        Call {
            frame: BytesMut::from(&[number][..]),
            is_repeatable: false,
            watch: None,
            ticket: Arc::default(),
            reply: oneshot::channel().0,
        }
    }

    #[tokio::test]
    async fn calls_leave_in_their_order() {
        let (sender, receiver) = queue();
        for number in 0..10 {
            sender.send(call(number)).unwrap();
        }
        receiver.ready().await;
        let mut taken = Vec::new();
        receiver.take(4, 100, &mut taken);
        assert_eq!(taken.len(), 4);
        receiver.take(40, 3, &mut taken);
        assert_eq!(taken.len(), 7, "each has one byte");
        receiver.ready().await;
        receiver.take(40, 100, &mut taken);
        let numbers: Vec<_> = taken.iter().map(|call| call.frame[0]).collect();
        assert_eq!(numbers, (0..10).collect::<Vec<_>>());
        drop(receiver);
        sender.send(call(0)).unwrap_err();
    }

    #[test]
    fn requests_that_were_given_up_do_not_pile_up() {
        let (sender, receiver) = queue();
        let kept = call(7);
        sender.send(kept).unwrap();
        for _ in 0..10_000 {
            let call = call(1);
            let ticket = call.ticket.clone();
            sender.send(call).unwrap();
            assert!(ticket.abandon());
            sender.abandoned();
            assert!(receiver.0.waiting.lock().calls.len() <= 2 * ABANDONED_MAX + 2);
        }
        let mut taken = Vec::new();
        receiver.take(1, 1, &mut taken);
        assert_eq!(taken[0].frame, [7][..]);
    }
}
