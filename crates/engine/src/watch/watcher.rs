use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::watch::Sender;
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, info, warn};

use super::backoff::{self, Backoff};
use super::cursor::Cursor;
use super::{Change, Config, Reason, Status};
use crate::{Engine, Error, Event, Since};

/// The state behind a watched stream.
pub(super) struct Watcher<E: Engine> {
    engine: Arc<E>,
    ping_interval: Duration,
    status: Sender<Status>,
    cursor: Cursor,
    backoff: Backoff,
    random: fastrand::Rng,
    link: State<E::Events>,
}

enum State<Events> {
    /// There is no stream, for this reason; the next attempt follows this pause.
    Down { reason: Reason, pause: Duration },
    /// There is one, opened at this time.
    Up { events: Events, opened: Instant },
}

impl<E: Engine> Watcher<E> {
    pub(super) fn new(engine: Arc<E>, config: &Config, status: Sender<Status>) -> Self {
        Self {
            engine,
            ping_interval: config.ping_interval,
            status,
            cursor: Cursor::new(Since::Ago(config.replay)),
            backoff: Backoff::default(),
            random: fastrand::Rng::with_seed(config.seed),
            link: State::Down {
                reason: Reason::Start,
                pause: Duration::ZERO,
            },
        }
    }

    /// Waits for the next change, however long that takes.
    pub(super) async fn next(&mut self) -> Change {
        loop {
            match &mut self.link {
                State::Down { pause, .. } => {
                    sleep(*pause).await;
                    match self.engine.events(self.cursor.since()).await {
                        Ok(events) => {
                            return Change::Resync {
                                reason: self.opened(events),
                            };
                        }
                        Err(error) => self.refused(error),
                    }
                }
                State::Up { events, .. } => {
                    match next_event(&*self.engine, events, self.ping_interval).await {
                        Ok(event) if self.cursor.admit(&event) => return Change::Event(event),
                        Ok(event) => debug!(?event, "seen before"),
                        Err(reason) => self.lost(reason),
                    }
                }
            }
        }
    }

    /// A stream is open. Gives why there was none before.
    fn opened(&mut self, events: E::Events) -> Reason {
        self.status.send_modify(Status::up);
        let up = State::Up {
            events,
            opened: Instant::now(),
        };
        let State::Down { reason, .. } = std::mem::replace(&mut self.link, up) else {
            unreachable!("a stream is opened only when there is none")
        };
        info!(%reason, "the engine's events arrive");
        reason
    }

    /// An attempt to open a stream failed.
    fn refused(&mut self, error: Error) {
        debug!(%error, "the engine's events cannot be had yet");
        self.status
            .send_modify(|status| status.still_down(error.into()));
        let next = self.pause();
        if let State::Down { pause, .. } = &mut self.link {
            *pause = next;
        }
    }

    /// The stream is lost. An engine that closes each soon after its opening gets the ever longer
    /// pauses of one that cannot be reached, since each opening costs the reader a comparison.
    fn lost(&mut self, reason: Reason) {
        warn!(%reason, "the engine's events are lost");
        if let State::Up { opened, .. } = &self.link
            && opened.elapsed() >= backoff::LONGEST
        {
            self.backoff.reset();
        }
        self.status
            .send_modify(|status| status.down(reason.clone()));
        self.link = State::Down {
            reason,
            pause: self.pause(),
        };
    }

    fn pause(&mut self) -> Duration {
        self.backoff.next(self.random.f64())
    }
}

/// Waits for an event, and asks an engine that is silent for a sign of life.
async fn next_event<E: Engine>(
    engine: &E,
    events: &mut E::Events,
    ping_interval: Duration,
) -> Result<Event, Reason> {
    let item = loop {
        if let Ok(item) = timeout(ping_interval, events.next()).await {
            break item;
        }
        let ping = pin!(engine.ping());
        tokio::select! {
            biased;
            item = events.next() => break item,
            pong = ping => pong?,
        }
    };
    match item {
        Some(event) => Ok(event?),
        None => Err(Reason::Closed),
    }
}
