//! A connection that has said who it is: requests in, replies and events out.

use super::{
    chunks::Chunks,
    clock::Clock,
    inbound::{Frames, Inbound},
    limits::{CLOSE_LIMIT, REQUEST_BYTES_IN_FLIGHT_MAX, WRITE_PIECES_MAX},
    message::Message,
    outbox::{Answered, End, Outbox},
    stream::Stream,
};
use crate::ConnId;
use dockeeper_zk_proto::frame::BadLength;
use std::{
    future::poll_fn,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::{io::AsyncWrite, sync::mpsc, time::timeout};

/// A client's connection, after the handshake's first frame.
pub(super) struct Connection {
    pub(super) conn: ConnId,
    pub(super) stream: Stream,
    pub(super) inbound: Inbound,
    pub(super) outbox: Arc<Outbox>,
    pub(super) core: mpsc::Sender<Message>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limits: Limits,
    /// What the core has released and the system has not taken.
    pub(super) writing: Chunks,
    /// What has been handed to the core, answered or not.
    pub(super) handed: Answered,
    /// Written to the stream, which may still keep it.
    pub(super) is_unflushed: bool,
}

/// What a connection may ask for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The longest request in bytes.
    pub(super) frame_len_max: usize,
    /// How many requests may be unanswered.
    pub(super) in_flight_max: usize,
}

/// Why a connection has ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error("the client hung up")]
    ByClient,
    /// All that was to be said has been written.
    #[error("the server ended it")]
    ByServer,
    #[error("the client did not read what it was sent")]
    TooSlow,
    #[error("the server ends")]
    NoCore,
    #[error(transparent)]
    BadFrame(#[from] BadLength),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What a connection has to do that takes more than its socket.
enum Step {
    Requests(Frames),
    Room,
}

// === impl Connection ===

impl Connection {
    /// Carries frames in both directions until the end.
    pub(super) async fn run(&mut self) -> Ended {
        loop {
            let message = match poll_fn(|context| self.poll(context)).await {
                Ok(Step::Requests(frames)) => {
                    self.handed.requests += frames.left();
                    self.handed.bytes += frames.len();
                    Message::Requests {
                        conn: self.conn,
                        frames,
                        at: self.clock.now().mono,
                    }
                }
                Ok(Step::Room) => Message::Room { conn: self.conn },
                Err(ended) => return ended,
            };
            // The core never waits for a connection, so this ends however much there is to send.
            if self.core.send(message).await.is_err() {
                return Ended::NoCore;
            }
        }
    }

    /// Writes what is left when the server has ended the connection, as far as the client takes it
    /// in time.
    pub(super) async fn finish(&mut self) -> Ended {
        let write = poll_fn(|context| {
            // It may be cut off meanwhile.
            if self.outbox.take(context, &mut self.writing).1 == End::Now {
                return Poll::Ready(self.give_up());
            }
            let written = ready!(self.poll_write(context));
            Poll::Ready(written.map_or_else(Ended::Io, |()| Ended::ByServer))
        });
        timeout(CLOSE_LIMIT, write).await.unwrap_or(Ended::TooSlow)
    }

    /// What is not written any more takes no memory, also while the core has yet to be told.
    fn give_up(&mut self) -> Ended {
        self.writing = Chunks::default();
        Ended::TooSlow
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Step, Ended>> {
        let (answered, end) = self.outbox.take(context, &mut self.writing);
        if end == End::Now {
            return Poll::Ready(Err(self.give_up()));
        }
        if end == End::AfterLast {
            return Poll::Ready(Err(Ended::ByServer));
        }
        // What cannot be written now is no reason not to read.
        let _ = self.poll_write(context)?;
        if self.outbox.unpark() {
            return Poll::Ready(Ok(Step::Room));
        }
        self.poll_read(context, answered)
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.writing.is_empty() {
            let mut pieces = [IoSlice::new(&[]); WRITE_PIECES_MAX];
            let count = self.writing.pieces(&mut pieces);
            let stream = Pin::new(&mut self.stream);
            match stream.poll_write_vectored(context, &pieces[..count])? {
                Poll::Ready(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(len) => {
                    let freed = self.writing.advance(len);
                    self.outbox.wrote(freed);
                    self.is_unflushed = true;
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        if self.is_unflushed {
            let flushed = Pin::new(&mut self.stream).poll_flush(context)?;
            self.is_unflushed = flushed.is_pending();
            return flushed.map(Ok);
        }
        Poll::Ready(Ok(()))
    }

    /// Reads as long as there is room for more requests. Replies make room, and wake this task.
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        answered: Answered,
    ) -> Poll<Result<Step, Ended>> {
        let in_flight = self.handed.requests - answered.requests;
        let in_flight_bytes = self.handed.bytes - answered.bytes;
        let count_max = self.limits.in_flight_max.saturating_sub(in_flight);
        let bytes_max = REQUEST_BYTES_IN_FLIGHT_MAX.saturating_sub(in_flight_bytes);
        if count_max == 0 || bytes_max == 0 {
            return Poll::Pending;
        }
        loop {
            let frames = self
                .inbound
                .take(count_max, bytes_max, self.limits.frame_len_max)?;
            if let Some(frames) = frames {
                return Poll::Ready(Ok(Step::Requests(frames)));
            }
            match self.inbound.poll_fill(context, &mut self.stream)? {
                Poll::Ready(0) => return Poll::Ready(Err(Ended::ByClient)),
                Poll::Ready(_) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
