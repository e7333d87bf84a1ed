//! An engine's events as one stream that does not end.
//!
//! The engine's own stream ends when the engine restarts, and then misses what happened until
//! somebody connects again; of that the engine remembers 256 events, those of health probes and of
//! images among them. So the watched stream connects again, asks for what came after the last
//! event it has seen, leaves out what it has seen already, and says [`Change::Resync`]: compare
//! everything, because events may be missing.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::sync::watch::{Receiver, channel};

use crate::{Engine, Error, Event};

mod backoff;
mod config;
mod cursor;
mod status;
mod watcher;

pub use config::Config;
pub use status::{Link, Status};

use watcher::Watcher;

/// The watched stream. It never ends, and does its work while it is polled: nothing runs behind
/// it, and dropping it closes the connection. A reader that is slower than the engine for more
/// than a thousand events makes the engine drop some without a word, so that it has to compare
/// everything now and then, too.
pub type Changes = BoxStream<'static, Change>;

/// What a reader of the watched stream is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Something happened to a container.
    Event(Event),
    /// Events may be missing: compare everything. The subscription is open already, so that
    /// nothing falls between the comparison and the events that follow.
    Resync {
        /// Why.
        reason: Reason,
    },
}

/// Why a stream of events begins (again).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It is the first.
    #[error("the watch starts")]
    Start,
    /// The engine closed the one before, as when it stops.
    #[error("the engine closed the event stream")]
    Closed,
    /// The one before broke, or the engine did not answer a ping, or could not be reached.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Watches an engine. The receiver always holds the state of the connection.
pub fn watch<E: Engine>(engine: Arc<E>, config: &Config) -> (Changes, Receiver<Status>) {
    let (sender, receiver) = channel(Status::connecting());
    let watcher = Watcher::new(engine, config, sender);
    let changes = stream::unfold(watcher, async |mut watcher| {
        let change = watcher.next().await;
        Some((change, watcher))
    });
    (changes.boxed(), receiver)
}

#[cfg(test)]
mod tests;
