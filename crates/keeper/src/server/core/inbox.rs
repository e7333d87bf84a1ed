//! Messages that wait for their turn.

use super::super::{limits::TURN_MESSAGES_MAX, message::Message};
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// What connections have sent, in order.
#[derive(Debug)]
pub(super) struct Inbox {
    channel: mpsc::Receiver<Message>,
    /// Taken out of the channel, and not yet carried out.
    taken: VecDeque<Message>,
    /// Kept for its memory.
    scratch: Vec<Message>,
}

// === impl Inbox ===

impl Inbox {
    pub(super) fn new(channel: mpsc::Receiver<Message>) -> Self {
        Self {
            channel,
            taken: VecDeque::with_capacity(TURN_MESSAGES_MAX),
            scratch: Vec::with_capacity(TURN_MESSAGES_MAX),
        }
    }

    /// Ends when there is something to carry out.
    pub(super) async fn arrived(&mut self) {
        if !self.taken.is_empty() {
            return tokio::task::consume_budget().await;
        }
        let channel = &mut self.channel;
        channel
            .recv_many(&mut self.scratch, TURN_MESSAGES_MAX)
            .await;
        self.taken.extend(self.scratch.drain(..));
    }

    /// The next one of those that have arrived.
    pub(super) fn next(&mut self) -> Option<Message> {
        self.taken.pop_front()
    }

    /// Takes no more from connections, but what they have sent already.
    pub(super) fn close(&mut self) {
        self.channel.close();
    }

    /// Whether there is something to carry out, without waiting.
    pub(super) fn refill(&mut self) -> bool {
        while self.taken.len() < TURN_MESSAGES_MAX
            && let Ok(message) = self.channel.try_recv()
        {
            self.taken.push_back(message);
        }
        !self.taken.is_empty()
    }
}
