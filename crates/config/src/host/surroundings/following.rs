use super::{debounce::Debounce, snapshot::Snapshot, topic::Topic, watches::Watched};
use crate::template::{Container, Facts, Node};
use futures_util::future::select_all;
use parking_lot::Mutex;
use std::{future::pending, sync::Arc};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// What was asked for, followed until this is dropped.
pub struct Following {
    topics: Vec<Followed>,
    node: watch::Receiver<Option<Node>>,
    asks_node: bool,
    digest_key: [u8; 32],
    debounce: Debounce,
    shown: Mutex<Shown>,
}

struct Followed {
    watched: Arc<Watched>,
    changes: watch::Receiver<Topic>,
    /// The last version that was noticed.
    noticed: u64,
}

/// What is not news any more.
#[derive(Default, PartialEq, Eq)]
struct Shown {
    /// By topic.
    versions: Vec<u64>,
    /// The host, if it was asked for.
    node: Option<Node>,
}

// === impl Following ===

impl Following {
    pub(super) fn new(
        watched: impl Iterator<Item = Arc<Watched>>,
        mut node: watch::Receiver<Option<Node>>,
        asks_node: bool,
        digest_key: [u8; 32],
    ) -> Self {
        node.mark_unchanged();
        let new = Self {
            topics: watched.map(Followed::new).collect(),
            node,
            asks_node,
            digest_key,
            debounce: Debounce::default(),
            shown: Mutex::default(),
        };
        *new.shown.lock() = new.now();
        new
    }

    /// Waits until something that was asked for has changed since [`facts`](Self::facts) were taken
    /// last: until nothing more has for [`WAIT_MIN`](super::WAIT_MIN), but no longer than
    /// [`WAIT_MAX`](super::WAIT_MAX). Safe to cancel: what has changed is told by the next call.
    pub async fn changed(&mut self) {
        loop {
            let due = self.debounce.due();
            tokio::select! {
                () = self.change() => self.debounce.change(Instant::now()),
                () = until(due) => {
                    self.debounce.reset();
                    if *self.shown.lock() != self.now() {
                        return;
                    }
                }
            }
        }
    }

    /// Waits until all that was asked for has been read once, or cannot be read for now, without a
    /// limit of its own.
    pub async fn ready(&self) {
        for followed in &self.topics {
            // The sender lives in what is followed.
            drop(followed.changes.clone().wait_for(Topic::is_settled).await);
        }
        if self.asks_node {
            drop(self.node.clone().wait_for(Option::is_some).await);
        }
    }

    /// What is known at this moment, for the rendering of one container; `None` for one of which is
    /// not known yet which it is.
    pub fn facts(&self, container: Option<Container>) -> Arc<dyn Facts> {
        // Before the answers: what changes in between is told of once too often rather than never.
        *self.shown.lock() = self.now();
        let answers = self.topics.iter().map(|followed| {
            let topic = followed.changes.borrow();
            let answer = topic.answer().cloned().map_err(str::to_owned);
            (followed.watched.question.clone(), answer)
        });
        Arc::new(Snapshot {
            answers: answers.collect(),
            node: self.node.borrow().clone(),
            container,
            digest_key: self.digest_key,
        })
    }

    fn now(&self) -> Shown {
        let topics = self.topics.iter();
        let node = self.asks_node.then(|| self.node.borrow().clone());
        Shown {
            versions: topics
                .map(|topic| topic.changes.borrow().version())
                .collect(),
            node: node.flatten(),
        }
    }

    /// Waits for the next change of what was asked for.
    async fn change(&mut self) {
        let Self {
            topics,
            node,
            asks_node,
            ..
        } = self;
        let node = async {
            if !*asks_node || node.changed().await.is_err() {
                pending::<()>().await;
            }
        };
        let topics = async {
            if topics.is_empty() {
                pending::<()>().await;
            }
            let changes = topics.iter_mut().map(|topic| Box::pin(topic.change()));
            select_all(changes).await;
        };
        tokio::select! {
            () = node => {}
            () = topics => {}
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => pending().await,
    }
}

// === impl Followed ===

impl Followed {
    fn new(watched: Arc<Watched>) -> Self {
        let changes = watched.topic.subscribe();
        let noticed = changes.borrow().version();
        Self {
            watched,
            changes,
            noticed,
        }
    }

    /// Waits for the next change of the answer.
    async fn change(&mut self) {
        let noticed = self.noticed;
        let changed = self
            .changes
            .wait_for(|topic| topic.version() != noticed)
            .await;
        match changed.map(|topic| topic.version()) {
            Ok(version) => self.noticed = version,
            Err(_) => pending().await,
        }
    }
}
