//! What is known of one question. Does no I/O.

use super::{answer::Answer, link::Link};
use std::sync::Arc;

/// What is known of one question.
#[derive(Clone, Debug, Default)]
pub(super) struct Topic {
    /// What was read last since somebody asks.
    read: Option<Arc<Answer>>,
    /// What was kept on disk.
    kept: Kept,
    /// Why it cannot be read, although ZooKeeper is there.
    refusal: Option<String>,
    link: Link,
    /// How often the answer has changed, or whether there is one.
    version: u64,
}

/// What was kept on disk of an answer.
#[derive(Clone, Debug, Default)]
enum Kept {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    Known(Option<Arc<Answer>>),
}

// === impl Topic ===

impl Topic {
    /// The answer, or why there is none.
    pub(super) fn answer(&self) -> Result<&Arc<Answer>, &str> {
        if let Some(why) = &self.refusal {
            return Err(why);
        }
        if let Some(answer) = &self.read {
            return Ok(answer);
        }
        match (self.link, &self.kept) {
            (Link::Seeking, _) => Err("ZooKeeper has not been reached yet"),
            (Link::Up, _) | (Link::Away, Kept::Unknown) => Err("it is being read"),
            (Link::Away, Kept::Known(None)) => {
                Err("ZooKeeper cannot be reached, and this host has kept no earlier answer")
            }
            (Link::Away, Kept::Known(Some(answer))) => Ok(answer),
        }
    }

    /// Whether it was read, or cannot be for now.
    pub(super) fn is_settled(&self) -> bool {
        let is_away = self.link == Link::Away && matches!(self.kept, Kept::Known(_));
        is_away || self.read.is_some() || self.refusal.is_some()
    }

    /// Counts how often the answer has changed, or whether there is one.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// What was read last since somebody asks.
    pub(super) fn read(&self) -> Option<&Arc<Answer>> {
        self.read.as_ref()
    }

    /// It was read.
    pub(super) fn known(&mut self, answer: Answer) {
        self.update(|topic| {
            topic.read = Some(Arc::new(answer));
            topic.refusal = None;
        });
    }

    /// It cannot be read, although ZooKeeper is there.
    pub(super) fn refused(&mut self, why: String) {
        self.update(|topic| topic.refusal = Some(why));
    }

    /// This was kept on disk.
    pub(super) fn recalled(&mut self, kept: Option<Answer>) {
        self.update(|topic| topic.kept = Kept::Known(kept.map(Arc::new)));
    }

    /// ZooKeeper was reached, or lost.
    pub(super) fn linked(&mut self, link: Link) {
        self.update(|topic| topic.link = link);
    }

    fn update(&mut self, change: impl FnOnce(&mut Self)) {
        let before = self.answer().ok().cloned();
        let refusal = self.refusal.clone();
        change(self);
        if self.answer().ok() != before.as_ref() || self.refusal != refusal {
            self.version += 1;
        }
    }
}

#[cfg(test)]
mod tests;
