//! One watch for each question, whoever asks.

use super::{question::Question, sources::Sources, topic::Topic};
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::{AbortHandle, spawn},
    time::sleep,
};

/// How many questions a host follows at a time: each is a watch at the server, and a thousand hosts
/// may have as many.
pub const QUESTIONS_MAX: usize = 1000;

/// How often, at most, an answer is written to disk that changes all the time.
const KEEP_INTERVAL: Duration = Duration::from_secs(1);

/// The questions that are followed.
pub(super) struct Watches {
    sources: Arc<Sources>,
    watched: Mutex<BTreeMap<Question, Weak<Watched>>>,
}

/// A question that is followed until this is dropped.
pub(super) struct Watched {
    pub(super) question: Question,
    pub(super) topic: watch::Sender<Topic>,
    task: Option<AbortHandle>,
    watches: Arc<Watches>,
}

// === impl Watches ===

impl Watches {
    pub(super) fn new(sources: Sources) -> Self {
        Self {
            sources: Arc::new(sources),
            watched: Mutex::default(),
        }
    }

    /// Follows a question, together with all others who ask it.
    pub(super) fn watch(self: &Arc<Self>, question: Question) -> Arc<Watched> {
        let mut watched = self.watched.lock();
        if let Some(shared) = watched.get(&question).and_then(Weak::upgrade) {
            return shared;
        }
        let topic = watch::Sender::new(Topic::default());
        let task = if watched.len() < QUESTIONS_MAX {
            let following = follow(self.sources.clone(), question.clone(), topic.clone());
            Some(spawn(following).abort_handle())
        } else {
            let why = format!("the templates of this host ask for {QUESTIONS_MAX} things already");
            topic.send_modify(|topic| topic.refused(why));
            None
        };
        let is_followed = task.is_some();
        let new = Arc::new(Watched {
            question: question.clone(),
            topic,
            task,
            watches: self.clone(),
        });
        if is_followed {
            watched.insert(question, Arc::downgrade(&new));
        }
        new
    }
}

// === impl Watched ===

impl Drop for Watched {
    fn drop(&mut self) {
        let Some(task) = &self.task else { return };
        task.abort();
        let mut watched = self.watches.watched.lock();
        // Somebody else may have begun to ask the same.
        if watched
            .get(&self.question)
            .is_some_and(|shared| shared.strong_count() == 0)
        {
            watched.remove(&self.question);
        }
    }
}

async fn follow(sources: Arc<Sources>, question: Question, topic: watch::Sender<Topic>) {
    tokio::join!(
        sources.ask(&question, &topic),
        recall_and_keep(&sources, &question, &topic),
        notice_link(&sources, &topic),
    );
}

/// Looks what was kept of the answer, and keeps it from then on.
async fn recall_and_keep(sources: &Sources, question: &Question, topic: &watch::Sender<Topic>) {
    let mut changes = topic.subscribe();
    let kept = sources.cache.load(question, &sources.identity).await;
    topic.send_modify(|topic| topic.recalled(kept));
    let mut written = None;
    loop {
        let read = changes.borrow_and_update().read().cloned();
        if let Some(answer) = read
            && written
                .as_ref()
                .is_none_or(|written| !Arc::ptr_eq(written, &answer))
        {
            sources.cache.save(question, answer.clone()).await;
            written = Some(answer);
            sleep(KEEP_INTERVAL).await;
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

async fn notice_link(sources: &Sources, topic: &watch::Sender<Topic>) {
    let mut link = sources.link.clone();
    loop {
        let now = *link.borrow_and_update();
        topic.send_modify(|topic| topic.linked(now));
        if link.changed().await.is_err() {
            return;
        }
    }
}
