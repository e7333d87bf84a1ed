//! The log as the core sees it.

use super::super::{
    Error,
    limits::{TURN_LOG_LEN_MAX, TURN_LOG_LEN_SPARE},
};
use crate::{
    rules::Room,
    storage::{
        DiskError,
        log::LogError,
        writer::{AppendError, Event, LogHandle},
    },
    traffic::Latency,
    txn::Entry,
};
use parking_lot::Mutex;
use std::{fmt, io, sync::Arc};
use tokio::{sync::Notify, task::spawn_blocking, time::Instant};

/// That the log's next segment cannot be made.
struct Short<'a>(&'a DiskError);

/// Where the transactions of each turn go.
#[derive(Debug)]
pub(in super::super) struct Journal {
    log: LogHandle,
    news: Arc<News>,
    /// All up to this transaction is on disk.
    durable: i64,
    /// When the oldest append that is not on disk was made, and with which transaction it ends.
    waiting: Option<(i64, Instant)>,
    syncs: Latency,
    /// Since when there is no space for the next segment.
    short_since: Option<Instant>,
}

/// What the log's thread has said and the core has not heard yet. Later things replace earlier
/// ones, so there is no queue that could grow.
#[derive(Debug, Default)]
pub(in super::super) struct News {
    said: Mutex<Said>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Said {
    durable: Option<i64>,
    trouble: Option<Option<DiskError>>,
    failed: Option<LogError>,
}

// === impl Short ===

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.0.source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "there is no more space for the log"
            }
            _ => "the log's next file cannot be made",
        };
        write!(
            f,
            "{what}: when what is left is used up, writes are refused until there is more; reads \
             go on. {}",
            self.0
        )
    }
}

// === impl News ===

impl News {
    /// Takes what the log's thread says.
    pub(in super::super) fn tell(&self, event: Event) {
        {
            let mut said = self.said.lock();
            match event {
                Event::Durable(zxid) => said.durable = Some(zxid),
                Event::Room { trouble, .. } => said.trouble = Some(trouble),
                Event::Failed(error) => said.failed = Some(error),
            }
        }
        self.changed.notify_one();
    }

    /// What is to be said when the log has ended.
    fn why_ended(&self) -> Error {
        match self.said.lock().failed.take() {
            Some(error) => Error::Log(error),
            // Its thread has panicked.
            None => AppendError::Ended.into(),
        }
    }
}

// === impl Journal ===

impl Journal {
    /// `news` is what the log was started with.
    pub(in super::super) fn new(log: LogHandle, news: Arc<News>) -> Self {
        let durable = log.durable();
        Self {
            log,
            news,
            durable,
            waiting: None,
            syncs: Latency::default(),
            short_since: None,
        }
    }

    /// All up to this transaction is on disk.
    pub(in super::super) fn durable(&self) -> i64 {
        self.durable
    }

    /// How long it took until what a turn had changed was on disk.
    pub(super) fn syncs(&self) -> Latency {
        self.syncs
    }

    /// How much the next turn may write. Bounded even with an empty disk: a turn is one append.
    pub(super) fn room(&self) -> Room {
        let left = self.log.room().sessions;
        Room::Bytes(
            left.saturating_sub(TURN_LOG_LEN_SPARE)
                .min(TURN_LOG_LEN_MAX),
        )
    }

    /// Whether it can take what a turn brings.
    pub(super) fn takes_more(&self) -> bool {
        !self.log.is_congested()
    }

    /// Takes all that a turn has changed.
    pub(super) fn append(&mut self, entries: &mut Vec<Entry>) -> Result<(), Error> {
        let Some(last) = entries.last() else {
            return Ok(());
        };
        if self.waiting.is_none() {
            self.waiting = Some((last.zxid, Instant::now()));
        }
        match self.log.append(entries) {
            Ok(()) => entries.clear(),
            Err(AppendError::Ended) => return Err(self.news.why_ended()),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Ends when there is news: more may be on disk, or there may be room again.
    pub(super) async fn written(&mut self) -> Result<(), Error> {
        self.news.changed.notified().await;
        let said = std::mem::take(&mut *self.news.said.lock());
        if let Some(error) = said.failed {
            return Err(Error::Log(error));
        }
        if let Some(trouble) = said.trouble {
            self.tell_space(trouble);
        }
        if let Some(durable) = said.durable {
            self.durable = durable;
            if let Some((zxid, since)) = self.waiting
                && zxid <= durable
            {
                self.syncs.add(since.elapsed());
                self.waiting = None;
            }
        }
        Ok(())
    }

    /// Says when there is no space for the log, and when there is again.
    fn tell_space(&mut self, trouble: Option<DiskError>) {
        match (trouble, self.short_since) {
            (Some(error), _) => {
                self.short_since.get_or_insert_with(Instant::now);
                tracing::error!("{}", Short(&error));
            }
            (None, Some(since)) => {
                self.short_since = None;
                tracing::info!(
                    ms = since.elapsed().as_millis(),
                    "there is space for the log again: writes are accepted"
                );
            }
            (None, None) => tracing::debug!("the log has space for its next segment"),
        }
    }

    /// Ends the log behind what it was given.
    pub(super) async fn close(self) {
        // Its threads have nothing left to do; only to wait for them takes a moment.
        let _ = spawn_blocking(move || self.log.stop()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_disk_is_called_full() {
        for (kind, is_full) in [
            (io::ErrorKind::StorageFull, true),
            (io::ErrorKind::QuotaExceeded, true),
            (io::ErrorKind::PermissionDenied, false),
        ] {
            let error = DiskError {
                action: "make".into(),
                path: "/d/log.spare".into(),
                source: kind.into(),
            };
            let told = Short(&error).to_string();
            assert_eq!(told.contains("no more space"), is_full, "{told}");
            assert!(told.contains("/d/log.spare"), "{told}");
        }
    }
}
